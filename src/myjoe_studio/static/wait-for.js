// <wait-for>: asks an address for its state, and shows the page anew once that is another. A
// <progress> in it goes along.
const ASK_MS = 1500;

class WaitFor extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(async () => {
      try {
        const answer = await fetch(this.dataset.address, { headers: { accept: "application/json" } });
        if (!answer.ok) return;
        const { state, done } = await answer.json();
        if (state !== this.dataset.state) return location.reload();
        const progress = this.querySelector("progress");
        if (progress && done !== undefined) progress.value = done;
      } catch {
        // Offline: it asks again.
      }
    }, ASK_MS);
  }

  disconnectedCallback() {
    clearInterval(this.timer);
  }
}

customElements.define("wait-for", WaitFor);
