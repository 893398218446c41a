// <ask-joe>: a question answered beside what one is doing, without leaving the page.
class AskJoe extends HTMLElement {
  connectedCallback() {
    const form = this.querySelector("form");
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (this.busy) return;
      this.busy = true;
      const said = this.querySelector("[data-part=said]");
      said.hidden = false;
      said.textContent = "Joe is thinking…";
      try {
        const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { accept: "application/json" } });
        const told = await answer.json();
        said.textContent = told.answer ?? told.error;
      } catch {
        said.textContent = "You are offline. Ask again when you are back.";
      }
      this.busy = false;
    });
  }
}

customElements.define("ask-joe", AskJoe);
