// <story-board>: moves and drops pages without a round trip, and <quote-box> says that the price is
// that of other pages. Both only spare a person waiting: the form's buttons do the same.
class StoryBoard extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ol");
    this.addEventListener("click", (event) => {
      const button = event.target.closest("button[name=act]");
      const [act] = (button?.value ?? "").split("-");
      const card = button?.closest("li");
      if (!card || !["up", "down", "drop"].includes(act)) return;
      event.preventDefault();
      this[act](card);
      this.number();
      if (act !== "drop") button.disabled ? card.querySelector("button:not(:disabled)").focus() : button.focus();
      this.dispatchEvent(new CustomEvent("changed", { bubbles: true, detail: this.list.children.length }));
    });
  }

  up(card) {
    card.previousElementSibling?.before(card);
  }

  down(card) {
    card.nextElementSibling?.after(card);
  }

  drop(card) {
    (card.nextElementSibling ?? card.previousElementSibling)?.querySelector("input").focus();
    card.remove();
  }

  number() {
    const cards = [...this.list.children];
    cards.forEach((card, index) => {
      const number = index + 1;
      card.id = `page-${number}`;
      card.querySelector("[data-part=number]").textContent = number;
      for (const [act, off] of [["up", index === 0], ["down", index === cards.length - 1], ["drop", cards.length === 1]]) {
        const button = card.querySelector(`button[value^=${act}-]`);
        button.value = `${act}-${number}`;
        button.disabled = off;
        button.setAttribute("aria-label", `${act === "drop" ? "Drop" : "Move"} page ${number}${act === "drop" ? "" : ` ${act}`}`);
      }
    });
  }
}

class QuoteBox extends HTMLElement {
  connectedCallback() {
    this.closest("form").addEventListener("changed", (event) => this.reprice(event.detail));
  }

  // The pages are kept, and the answer is the page with their new price.
  reprice(pages) {
    if (pages === Number(this.dataset.pages)) return;
    this.dataset.pages = pages;
    const said = document.createElement("p");
    said.className = "quiet";
    said.setAttribute("role", "status");
    said.textContent = "Working out the new price…";
    this.replaceChildren(said);
    const form = this.closest("form");
    form.requestSubmit(form.querySelector("button[name=act][value=save]"));
  }
}

customElements.define("story-board", StoryBoard);
customElements.define("quote-box", QuoteBox);
