// Draws an item as its form says, while one types: the server draws it, as it will for customers.
const preview = document.querySelector("[data-drawing-preview]");
const itemForm = preview?.closest("form");
if (itemForm?.elements.layers) {
  const NAMES = ["glass", "layers", "ice", "straw", "steam", "garnish", "picture"];
  const PAUSE_MS = 80;
  const drawn = preview.querySelector("[data-drawing]");
  const problem = preview.querySelector("[data-drawing-problem]");
  let timer;
  let asked = 0; // how often; an answer that comes late is not drawn

  const address = () => {
    const fields = NAMES.map((name) => itemForm.elements[name]).filter((field) => field);
    const chosen = fields.filter((field) => field.type !== "checkbox" || field.checked);
    return `${preview.dataset.drawingPreview}?${new URLSearchParams(chosen.map((field) => [field.name, field.value]))}`;
  };

  const draw = async () => {
    const mine = ++asked;
    try {
      const answer = await fetch(address(), { headers: { Accept: "text/html" } });
      const said = await answer.text();
      if (mine !== asked) return;
      if (answer.ok && !answer.redirected) drawn.innerHTML = said;
      if (answer.ok || answer.status === 422) problem.textContent = answer.ok ? "" : said;
    } catch {
      // No line: the drawing stays as it is.
    }
  };

  // The admin tells of a photo that was added in its little window by jQuery alone.
  django.jQuery(itemForm).on("input change", (event) => {
    if (!NAMES.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE_MS);
  });
}
