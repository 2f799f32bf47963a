// Previews an item's drawing while its admin form is edited (templates/components/_drawing_preview.html). The server renders
// it with the code that renders it for customers.
const preview = document.querySelector("[data-drawing-preview]");
const itemForm = preview?.closest("form");
if (itemForm?.elements.layers) {
  const NAMES = ["glass", "layers", "ice", "straw", "steam", "garnish", "picture"];
  const PAUSE_MS = 80;
  const drawn = preview.querySelector("[data-drawing]");
  const problem = preview.querySelector("[data-drawing-problem]");
  let timer;
  let asked = 0; // number of requests: the answer to an older request is dropped

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
      // No connection: the drawing stays unchanged.
    }
  };

  // The admin's popup for adding a photo triggers only a jQuery event, hence not addEventListener.
  django.jQuery(itemForm).on("input change", (event) => {
    if (!NAMES.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(draw, PAUSE_MS);
  });
}
