// The menu's filter by allergens and diets (kept in sessionStorage by js/menu-filter.js) on the item page
// (templates/components/_item_filter.html): shows that it is on, marks the options that do not satisfy it, and replaces a
// default that does not. The form's data-against tells js/item-question.js why the current choice does not satisfy it.
const KEPT = "wishes";
const notice = document.querySelector("[data-item-filter]");
const item = document.querySelector("[data-contents-of]");
const form = document.querySelector("[data-item-form]");
const namesIn = (text) => new Map(text.split("|").map((pair) => pair.split("=")));
const keysIn = (text) => (text ?? "").split(" ").filter(Boolean);
const listed = (words) => words.join(item.dataset.separator);
const allergenNames = namesIn(item.dataset.allergenNames);
const dietNames = namesIn(item.dataset.dietNames);
const words = notice.dataset;
let wishes = [];
let replaced = []; // replaced defaults, each with the option chosen instead

function kept() {
  try {
    return [].concat(JSON.parse(sessionStorage.getItem(KEPT)) ?? []);
  } catch {
    return []; // storage is forbidden, or holds no valid JSON
  }
}

// These two return, as words, the reasons why the contents do not satisfy the filter; [] if they do.
function againstAllergens({ allergens, stated }) {
  const without = wishes.filter((wish) => allergenNames.has(wish));
  const found = without.filter((wish) => keysIn(allergens).includes(wish)).map((wish) => allergenNames.get(wish));
  const isUnknown = stated === undefined && found.length < without.length;
  return [
    ...(found.length ? [words.contains.replace("{allergens}", listed(found))] : []),
    ...(isUnknown ? [words.unstated] : []),
  ];
}

function againstDiets({ diets }) {
  const missed = wishes.filter((wish) => dietNames.has(wish) && !keysIn(diets).includes(wish));
  return missed.map((wish) => words.notMarked.replace("{diet}", dietNames.get(wish)));
}

const reasons = (contents) => [...againstAllergens(contents), ...againstDiets(contents)];

// An input without data-allergens, such as "None", has no contents.
const reasonsOf = ({ dataset }) => (dataset.allergens === undefined ? [] : reasons(dataset));

function say() {
  const without = (wish) => words.without.replace("{allergen}", allergenNames.get(wish));
  const names = listed(wishes.map((wish) => dietNames.get(wish) ?? without(wish)));
  const own = listed(reasonsOf(item));
  const place = notice.querySelector("[data-filter-own]");
  words.on = notice.querySelector("[data-filter-on]").dataset.filterOn.replace("{wishes}", names);
  notice.querySelector("[data-filter-on]").textContent = words.on;
  place.textContent = place.dataset.filterOwn.replace("{reasons}", own);
  place.hidden = !own;
  notice.hidden = !wishes.length;
}

// Highlights the allergens that an option's chip already shows, and adds the reasons that it does not show.
function mark(option) {
  const chip = option.closest(".chip");
  const told = chip.querySelector(".chip__contents");
  chip.querySelectorAll(".chip__against").forEach((old) => old.remove());
  told?.classList.toggle("is-against", againstAllergens(option.dataset).length > 0);
  if (!reasonsOf(option).length) return;
  const untold = told ? againstDiets(option.dataset) : reasonsOf(option);
  if (untold.length) add(chip, "is-against", listed(untold));
  add(chip, "visually-hidden", words.against);
}

function add(chip, className, text) {
  const mark = document.createElement("span");
  mark.className = `chip__against ${className}`;
  mark.textContent = text;
  chip.querySelector(".chip__face").append(" ", mark);
}

function markWhatIsChosen() {
  const { sumAllergens, sumDiets, sumStated } = form.dataset;
  form.dataset.against = listed(reasons({ allergens: sumAllergens, diets: sumDiets, stated: sumStated }));
  form.querySelector("[data-contents-shown]")?.classList.toggle("is-against", form.dataset.against !== "");
}

function update() {
  wishes = kept().filter((wish) => allergenNames.has(wish) || dietNames.has(wish));
  say();
  if (!form) return;
  form.querySelectorAll("[data-allergens]").forEach(mark);
  markWhatIsChosen();
}

// Returns the cheapest option of a group that satisfies the filter, "None" included.
function suitingOption(group) {
  const price = (option) => Number(option.dataset.delta ?? 0);
  const suiting = [...group.querySelectorAll("[type=radio]:enabled")].filter((option) => !reasonsOf(option).length);
  return suiting.sort((one, other) => price(one) - price(other))[0];
}

function nameOf(option) {
  const told = option.value ? option.closest(".chip").querySelectorAll(".chip__name, .chip__price") : [];
  return [...told].map((one) => one.textContent).join(" ") || words.nothing;
}

// Returns [{now, old, holds}]: the names of the new option and of the default it replaces, and a function that tells whether
// the replacement is still chosen. Returns [] for a default that no option can replace: it stays chosen and marked.
function replaceDefault(group, old) {
  const isTick = old.type === "checkbox";
  const other = isTick ? null : suitingOption(group);
  if (isTick ? group.dataset.adds !== "0" : !other) return [];
  if (isTick) old.checked = false;
  else other.checked = true;
  (other ?? old).dispatchEvent(new Event("input", { bubbles: true }));
  return [{ now: other ? nameOf(other) : words.nothing, old: nameOf(old), holds: () => !old.checked && (other?.checked ?? true) }];
}

// If the item itself does not satisfy the filter, no option can help.
function replaceDefaults() {
  if (reasonsOf(item).length) return;
  const against = [...form.querySelectorAll("[data-allergens]:checked")].filter((old) => reasonsOf(old).length);
  replaced = against.flatMap((old) => replaceDefault(old.closest("[data-adds]"), old));
  sayWhatIsReplaced();
}

// Replacements that the customer has changed since are no longer listed.
function sayWhatIsReplaced() {
  replaced = replaced.filter(({ holds }) => holds());
  const place = notice.querySelector("[data-filter-instead]");
  const pattern = place.dataset.filterInstead;
  place.textContent = replaced.map(({ now, old }) => pattern.replace("{new}", () => now).replace("{old}", () => old)).join(" ");
  place.hidden = !replaced.length;
}

function switchOff() {
  try {
    sessionStorage.setItem(KEPT, "[]");
  } catch {} // storage is forbidden
  update();
  document.querySelector("#main").focus();
}

notice.querySelector("[data-filter-off]").addEventListener("click", switchOff);
addEventListener("pageshow", update);
update();
if (form) {
  form.addEventListener("input", markWhatIsChosen);
  form.addEventListener("input", sayWhatIsReplaced);
  if (form.dataset.asItComes !== undefined) replaceDefaults();
}
