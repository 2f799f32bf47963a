// Combines the allergens and diets of the item and its chosen options on the item page (templates/menu/item.html), as
// menu.catalogue.records.SoldItem.contents_with does on the server. js/item-filter.js reads the result at the form (data-sum-…).
const item = document.querySelector("[data-contents-of]");
const form = document.querySelector("[data-item-form]");
if (item && form) {
  const wordsOf = (text) => (text ?? "").split(" ").filter(Boolean);
  const namesIn = (text) => text.split("|").map((pair) => pair.split("="));
  const allergenNames = namesIn(item.dataset.allergenNames);
  const dietNames = namesIn(item.dataset.dietNames);

  // While too few options of a group are chosen, any of its options counts, as in MenuGroup.as_it_comes.
  const partsOf = (group) => {
    const chosen = [...group.querySelectorAll("[data-allergens]:checked")];
    return chosen.length < Number(group.dataset.adds) ? [...group.querySelectorAll("[data-allergens]")] : chosen;
  };

  const sum = () => {
    const parts = [item, ...[...form.querySelectorAll("[data-adds]")].flatMap(partsOf)];
    const isIn = (key) => parts.some((part) => wordsOf(part.dataset.allergens).includes(key));
    const isOfAll = (key) => parts.every((part) => wordsOf(part.dataset.diets).includes(key));
    return {
      allergens: allergenNames.filter(([key]) => isIn(key)),
      diets: dietNames.filter(([key]) => isOfAll(key)),
      isStated: parts.every((part) => part.dataset.stated !== undefined),
    };
  };

  const listed = (pairs) => pairs.map(([, name]) => name).join(item.dataset.separator);

  const sayContents = (place, { allergens, isStated }) => {
    const { contains, more, none, unstated } = place.dataset;
    const found = contains.replace("{allergens}", listed(allergens)) + (isStated ? "" : more);
    const words = allergens.length ? found : isStated ? none : unstated;
    if (place.textContent !== words) place.textContent = words; // each change of a live region is announced
  };

  const update = () => {
    const now = sum();
    for (const place of document.querySelectorAll("[data-contents-now]")) sayContents(place, now);
    item.querySelector("dd[data-contents-now]").classList.toggle("contents__found", now.allergens.length > 0);
    const isVegan = now.diets.some(([key]) => key === "vegan");
    const diets = item.querySelector("[data-diets-now]");
    diets.textContent = listed(now.diets.filter(([key]) => !isVegan || key !== "vegetarian"));
    diets.parentElement.hidden = !now.diets.length;
    form.dataset.sumAllergens = now.allergens.map(([key]) => key).join(" ");
    form.dataset.sumDiets = now.diets.map(([key]) => key).join(" ");
    form.toggleAttribute("data-sum-stated", now.isStated);
  };

  const shown = form.querySelector("[data-contents-shown]");
  const when = item.querySelector("[data-contents-when]");
  if (shown) shown.hidden = false;
  if (when) when.textContent = when.dataset.contentsWhen;
  form.addEventListener("input", update);
  addEventListener("pageshow", update);
  update();
}
