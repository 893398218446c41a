// <wait-for>: asks an address for its state, and shows the page anew once that is another.
const ASK_MS = 1500;

class WaitFor extends HTMLElement {
  connectedCallback() {
    this.timer = setInterval(async () => {
      try {
        const answer = await fetch(this.dataset.address, { headers: { accept: "application/json" } });
        if (answer.ok && (await answer.json()).state !== this.dataset.state) location.reload();
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
