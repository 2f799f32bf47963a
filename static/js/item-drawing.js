// Updates the drawing of the item page (templates/menu/item.html) for the chosen options. Each option's data-draws names the
// parts it changes and how (menu/drawing/effects.py); the SVG holds every part that can be shown
// (menu/drawing/configurable.py).
const drawing = document.querySelector("[data-served]");
const choices = document.querySelector("[data-item-form]");
if (drawing && choices) {
  const OFF = "cutaway__off";
  const parts = drawing.querySelectorAll("[data-part]");
  const milks = drawing.querySelectorAll("[data-milk]");
  const { fills, garnish } = drawing.dataset;

  const whatIsChosen = () => {
    const chosen = { picture: "", size: "", garnish };
    const added = new Set();
    for (const input of choices.querySelectorAll("[data-draws]:checked")) {
      for (const word of input.dataset.draws.split(" ")) {
        const [part, how] = word.split("=");
        if (part === "layer") added.add(how);
        else chosen[part] = how;
      }
    }
    chosen.layers = fills.split(" ").filter((fill) => added.has(fill)).join("+");
    return chosen;
  };

  const redraw = () => {
    const chosen = whatIsChosen();
    for (const part of parts) {
      const { part: name, count, is } = part.dataset;
      if (count === undefined) {
        part.classList.toggle(OFF, is !== chosen[name]);
      } else {
        const shown = Number(chosen[name] ?? count);
        [...part.children].forEach((piece, place) => piece.classList.toggle(OFF, place >= shown));
      }
    }
    for (const milk of milks) {
      milk.setAttribute(milk.localName === "stop" ? "stop-color" : "fill", chosen.milk ?? milk.dataset.milk);
    }
    drawing.firstElementChild.setAttribute("class", `cutaway__served cutaway__served--${chosen.size}`);
  };

  choices.addEventListener("input", redraw);
  addEventListener("pageshow", redraw);
}
