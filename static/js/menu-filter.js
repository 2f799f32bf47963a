// Finds items by any of their words, in either language, as one types.
const filter = document.querySelector("[data-menu-filter]");
if (filter) {
  const cards = [...document.querySelectorAll("[data-words]")];
  const nothing = document.querySelector("[data-filter-nothing]");
  filter.hidden = false;
  filter.addEventListener("input", () => {
    const words = filter.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const card of cards) card.hidden = !words.every((word) => card.dataset.words.includes(word));
    for (const section of document.querySelectorAll("[data-category]")) {
      section.hidden = !section.querySelector("[data-words]:not([hidden])");
    }
    nothing.hidden = cards.some((card) => !card.hidden);
  });
}
