// <run-live>: keeps the page of a run as its pages are. It is told *that* something changed, by our
// own stream or Supabase Realtime, and then asks how things are; where nobody tells, it asks by
// itself, ever more seldom.
import { heard } from "./hearing.js";

const ASK_FIRST_MS = 3000;
const ASK_LAST_MS = 15000;
const SILENT_MS = 20000;
const PAUSE_MS = 350; // no more than three questions a second
const SAY_MS = 5000; // a screen reader is not interrupted more often

class RunLive extends HTMLElement {
  connectedCallback() {
    this.stopped = new AbortController();
    if (!Number(this.dataset.open)) return;
    this.pause = ASK_FIRST_MS;
    this.heardAt = 0;
    heard(this.dataset.live, this.dataset.run, this.stopped.signal, () => {
      this.heardAt = Date.now();
      this.soon(0);
    });
    for (const [name, off] of [["offline", true], ["online", false]]) {
      addEventListener(name, () => this.offline(off), { signal: this.stopped.signal });
    }
    document.addEventListener("visibilitychange", () => document.hidden || this.soon(0), { signal: this.stopped.signal });
    this.soon(ASK_FIRST_MS);
  }

  disconnectedCallback() {
    this.stopped.abort();
    clearTimeout(this.timer);
  }

  soon(wait) {
    const due = Date.now() + Math.max(wait, PAUSE_MS - (Date.now() - (this.askedAt ?? 0)));
    if (this.timer && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.ask(), due - Date.now());
  }

  async ask() {
    this.timer = null;
    this.askedAt = Date.now();
    let changed = false;
    try {
      const headers = { accept: "application/json", ...(this.tag ? { "if-none-match": this.tag } : {}) };
      const answer = await fetch(this.dataset.state, { headers, signal: this.stopped.signal, cache: "no-store" });
      if (answer.status === 401) return location.reload();
      if (answer.ok) {
        this.tag = answer.headers.get("etag");
        changed = true;
        this.show(await answer.json());
      }
      this.offline(false);
    } catch (error) {
      if (this.stopped.signal.aborted) return;
      this.offline(!navigator.onLine);
    }
    this.pause = changed ? ASK_FIRST_MS : Math.min(this.pause * 1.5, ASK_LAST_MS);
    const told = Date.now() - this.heardAt < SILENT_MS;
    this.soon(told ? SILENT_MS : this.pause);
  }

  show(run) {
    for (const page of run.pages) this.card(page);
    const bar = this.part("progress");
    bar.value = run.drawn;
    this.sentence = run.sentence;
    this.saying ??= setTimeout(() => {
      this.saying = null;
      if (this.part("sentence").textContent !== this.sentence) this.part("sentence").textContent = this.sentence;
    }, Math.max(0, SAY_MS - (Date.now() - (this.saidAt ?? 0))));
    this.saidAt = Date.now();
    // What may be done with a book that is ready is more than the script knows.
    if (!run.open) location.reload();
  }

  card(page) {
    const card = this.querySelector(`[data-page="${page.page}"]`);
    const badge = card.querySelector("[data-part=badge]");
    if (badge.textContent !== page.label) {
      badge.textContent = page.label;
      badge.className = `badge ${page.state === "stopping" ? "drawing" : page.state}`;
    }
    card.querySelector("[data-part=again]")?.toggleAttribute("hidden", !page.again);
    if (page.picture && page.picture !== card.dataset.picture) this.picture(card, page);
    else if (!page.picture) card.querySelector("[data-part=thumb]").className = `sheet-thumb ${page.state}`;
  }

  picture(card, page) {
    card.dataset.picture = page.picture;
    const link = document.createElement("a");
    link.className = "sheet-thumb";
    link.dataset.part = "thumb";
    link.href = `/runs/${this.dataset.run}/pages/${page.picture}`;
    const image = new Image(396, 512);
    image.alt = `Page ${page.page}: ${page.title}`;
    image.src = `${link.href}.thumbnail`;
    link.append(image);
    card.querySelector("[data-part=thumb]").replaceWith(link);
  }

  offline(is) {
    this.part("offline").hidden = !is;
    if (!is && this.wasOffline) this.soon(0);
    this.wasOffline = is;
  }

  part(name) {
    return this.querySelector(`[data-part=${name}]`);
  }
}

customElements.define("run-live", RunLive);
