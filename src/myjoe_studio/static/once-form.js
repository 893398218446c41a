// <once-form><form>…</form></once-form>: a form that is sent once, however often it is clicked, and
// that says so where there is no connection instead of losing what was written.
const OFFLINE = "You are offline. Nothing was sent, and nothing is lost: send it again when you are back.";

class OnceForm extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.submitting(event));
    // A page that comes back from the browser's memory may be sent again.
    addEventListener("pageshow", () => this.settle());
  }

  submitting(event) {
    if (event.defaultPrevented) return;
    if (this.busy) return event.preventDefault();
    if (!navigator.onLine) {
      event.preventDefault();
      return this.say(OFFLINE);
    }
    this.busy = true;
    this.setAttribute("aria-busy", "true");
    this.submitter = event.submitter;
    this.submitter?.setAttribute("aria-disabled", "true");
    this.say("");
  }

  settle() {
    this.busy = false;
    this.removeAttribute("aria-busy");
    this.submitter?.removeAttribute("aria-disabled");
  }

  say(sentence) {
    let place = this.querySelector(":scope > .notice");
    if (!sentence) return place?.remove();
    if (!place) {
      place = document.createElement("p");
      place.className = "notice warn";
      place.setAttribute("role", "alert");
      this.prepend(place);
    }
    place.textContent = sentence;
    addEventListener("online", () => this.say(""), { once: true });
  }
}

customElements.define("once-form", OnceForm);
