// <line-demo>: before and after under a divider, and a picture of the visitor's own in their place.
// Without script its form posts to the same address and shows a page of its own.

const SIDE_PX_MAX = 1600;
const BYTES_MAX = 2_000_000;

class LineDemo extends HTMLElement {
  #stage; #divider; #before; #after; #figures; #told; #form; #input; #whole; #file; #tries = 0; #addresses = [];

  connectedCallback() {
    const find = (selector) => this.querySelector(selector);
    [this.#stage, this.#divider, this.#before, this.#after] = [".stage", ".divider", ".before", ".after"].map(find);
    [this.#figures, this.#told, this.#form] = [".figures", ".told", "form"].map(find);
    [this.#input, this.#whole] = ["input[type=file]", "input[name=whole]"].map(find);
    this.#divider.hidden = false;
    find("form button").hidden = true;
    this.toggleAttribute("ready", true);
    this.#divider.addEventListener("input", () => this.#place(this.#divider.value));
    this.#stage.addEventListener("pointerdown", (event) => this.#drag(event));
    this.#input.addEventListener("change", () => this.#input.files.length && this.#try(this.#input.files[0]));
    this.#whole.addEventListener("change", () => this.#file && this.#try(this.#file));
    for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
      this.addEventListener(kind, (event) => this.#dropping(event));
    }
  }

  #place(percent) {
    this.#divider.value = percent;
    this.#stage.style.setProperty("--at", `${this.#divider.value}%`);
    this.#divider.setAttribute("aria-valuetext", `${this.#divider.value} % before`);
  }

  #drag(event) {
    if (event.button) return;
    const box = this.#stage.getBoundingClientRect();
    const move = ({ clientX }) => this.#place((100 * (clientX - box.left)) / box.width);
    this.#stage.setPointerCapture(event.pointerId);
    this.#stage.addEventListener("pointermove", move);
    const end = () => this.#stage.removeEventListener("pointermove", move);
    this.#stage.addEventListener("pointerup", end, { once: true });
    this.#stage.addEventListener("pointercancel", end, { once: true });
    move(event);
  }

  #dropping(event) {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    this.toggleAttribute("dropping", event.type === "dragenter" || event.type === "dragover");
    const file = event.type === "drop" && event.dataTransfer.files[0];
    if (file) this.#try(file);
  }

  async #try(file) {
    const turn = ++this.#tries;
    this.#file = file;
    this.toggleAttribute("busy", true);
    this.#say("Joe draws the lines…");
    try {
      const picture = await scaled(file);
      const form = new FormData();
      form.append("picture", picture, "picture");
      if (this.#whole.checked) form.append("whole", "on");
      if (picture !== file) form.append("focal", await focalOf(file));
      const answer = await fetch(this.#form.action, { method: "POST", body: form, headers: { accept: "application/json" } });
      const told = await answer.json().catch(() => ({}));
      if (turn !== this.#tries) return; // Another one was begun meanwhile.
      if (answer.ok) this.#show(picture, told);
      else this.#say(told.error ?? "That did not work just now. Again in a minute, please.", true);
    } catch {
      if (turn !== this.#tries) return;
      this.#say("We could not be reached. Are you online?", true);
    }
    this.#input.value = "";
    this.toggleAttribute("busy", false);
  }

  #show(picture, { svg, width, height, curves, areas, grays_before: grays, cut, told, flat }) {
    this.#addresses.forEach((address) => URL.revokeObjectURL(address));
    this.#addresses = [picture, new Blob([svg], { type: "image/svg+xml" })].map((blob) => URL.createObjectURL(blob));
    [this.#before.src, this.#after.src] = this.#addresses;
    if (cut) this.#before.src = flat; // Its lines lie under those of the drawing.
    this.#before.alt = `Your ${cut ? "sheet, cut out and made straight" : "picture"}, before.`;
    this.#after.alt = `Your ${cut ? "sheet" : "picture"}, after: black lines on white.`;
    for (const image of [this.#before, this.#after]) [image.width, image.height] = [width, height];
    this.style.setProperty("--ratio", width / height);
    this.#place(50);
    const take = element("a", "Take the SVG", { className: "button", href: this.#addresses[1], download: "lines.svg" });
    this.#figures.replaceChildren(
      figure(curves, "curves"), " ", figure(areas, "areas to colour"), " ", figure(0, "grey pixels", grays), " ", take,
    );
    this.#told.replaceChildren(...told.map((sentence) => element("p", sentence)));
  }

  #say(sentence, bad = false) {
    this.#told.replaceChildren();
    this.#figures.replaceChildren(element("span", sentence, { className: bad ? "mistake" : "" }));
  }
}

// The picture as it is shown, at most so large: a photograph of 12 megapixels need not be sent.
async function scaled(file) {
  let image;
  try {
    image = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    return file; // What no browser can show, the server refuses in words.
  }
  const scale = Math.min(1, SIDE_PX_MAX / Math.max(image.width, image.height));
  const [width, height] = [image.width, image.height].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = element("canvas", "", { width, height });
  const context = canvas.getContext("2d");
  [context.fillStyle, context.imageSmoothingQuality] = ["#fff", "high"];
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0, width, height);
  for (const [type, quality] of [["image/png"], ["image/jpeg", 0.92], ["image/jpeg", 0.8]]) {
    const blob = await new Promise((done) => canvas.toBlob(done, type, quality));
    if (blob.size <= BYTES_MAX) return blob;
  }
  return file;
}

// The lens's focal length as of 35 mm film by the photograph's EXIF, "" without: a smaller copy does
// not state it any more, and the proportions of a sheet follow from it.
async function focalOf(file) {
  const view = new DataView(await file.slice(0, 0x20000).arrayBuffer());
  try {
    if (view.getUint16(0) !== 0xffd8) return "";
    let at = 2;
    while (view.getUint16(at) !== 0xffe1 || view.getUint32(at + 4) !== 0x45786966) at += 2 + view.getUint16(at + 2);
    const tiff = at + 10;
    const little = view.getUint16(tiff) === 0x4949;
    const valueOf = (directory, tag) => {
      for (let entry = directory + 2, left = view.getUint16(directory, little); left; entry += 12, left -= 1) {
        if (view.getUint16(entry, little) === tag) return entry + 8;
      }
      throw new RangeError("not stated");
    };
    const main = tiff + view.getUint32(tiff + 4, little);
    const exif = tiff + view.getUint32(valueOf(main, 0x8769), little);
    return String(view.getUint16(valueOf(exif, 0xa405), little));
  } catch (error) {
    if (error instanceof RangeError) return ""; // The file ends, or does not say.
    throw error;
  }
}

function figure(count, words, before) {
  const all = element("span");
  if (before) all.append(element("s", before.toLocaleString("en")), " ");
  all.append(element("b", count.toLocaleString("en")), ` ${words}`);
  return all;
}

function element(name, text = "", properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(text);
  return made;
}

customElements.define("line-demo", LineDemo);
