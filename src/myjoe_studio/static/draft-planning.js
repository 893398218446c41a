// <draft-planning>: has the draft planned by the form inside it, waits, and shows what came of it.
// The plan is kept whoever is still looking.
const AGAIN_MS = 2000;

class DraftPlanning extends HTMLElement {
  connectedCallback() {
    this.form = this.querySelector("form");
    this.button = this.form.querySelector("button");
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.plan();
    });
    if (this.dataset.state === "planning") this.plan();
  }

  async plan() {
    if (this.busy) return;
    this.busy = true;
    this.button.hidden = true;
    this.say("Planning…");
    try {
      for (;;) {
        const answer = await fetch(this.form.action, { method: "POST", headers: { accept: "application/json" } });
        const told = await answer.json();
        if (told.state) return location.reload();
        if (told.sign_in) return location.assign(`${told.sign_in}?next=${encodeURIComponent(location.pathname)}`);
        if (!answer.ok) throw new Error(told.error);
        await new Promise((done) => setTimeout(done, AGAIN_MS));
      }
    } catch (error) {
      this.say(navigator.onLine ? "That did not work. Nothing was charged." : "You are offline. Nothing is lost: try again when you are back.");
      this.button.hidden = false;
      this.busy = false;
      addEventListener("online", () => this.plan(), { once: true });
    }
  }

  say(sentence) {
    this.querySelector("[data-part=said]").textContent = sentence;
  }
}

customElements.define("draft-planning", DraftPlanning);
