// Finds items by any of their words, in either language, as one types. css/shop/wishes.css hides what does not suit the
// allergens and diets that are ticked, each by itself; here also what suits each by another choice only. What is left is
// counted, and the ticks are kept for this visit.
const KEPT = "wishes";
const filter = document.querySelector("[data-menu-filter]");
const wishes = document.querySelector("[data-wishes]");
const boxes = [...(wishes?.querySelectorAll("input") ?? [])];

function showWhatFits() {
  const cards = [...document.querySelectorAll("[data-words]")];
  const sections = [...document.querySelectorAll("[data-category]")];
  const words = filter.querySelector("input").value.toLowerCase().split(/\s+/).filter(Boolean);
  const wished = boxes.filter((box) => box.checked).map((box) => box.value);
  for (const section of sections) section.hidden = false;
  for (const card of cards) {
    card.hidden = !words.every((word) => card.dataset.words.includes(word)) || !oneChoiceSuits(card, wished);
  }
  const left = cards.filter((card) => card.getClientRects().length);
  for (const section of sections) {
    section.hidden = !left.some((card) => section.contains(card));
    const link = document.querySelector(`[data-category-bar] a[href="#${section.id}"]`);
    if (link) link.hidden = section.hidden;
  }
  say(left.length, wished.length > 0);
}

// What every choice suits, or none, is not in the list, and CSS has decided about it.
function oneChoiceSuits(card, wished) {
  const choices = (card.dataset.suitsTogether ?? "").split("|").map((wishes) => wishes.split(" "));
  const asked = wished.filter((wish) => choices.some((choice) => choice.includes(wish)));
  return choices.some((choice) => asked.every((wish) => choice.includes(wish)));
}

function say(count, isWished) {
  const nothing = document.querySelector("[data-filter-nothing]");
  nothing.dataset.wordsName ??= nothing.textContent;
  nothing.textContent = isWished ? nothing.dataset.wordsWishes : nothing.dataset.wordsName;
  nothing.hidden = count > 0;
  const left = wishes?.querySelector("[data-wishes-left]");
  if (!left) return;
  const words = count === 1 ? left.dataset.wordsOne : left.dataset.wordsMany.replace("{n}", count);
  left.textContent = isWished && count ? words : "";
}

function kept() {
  try {
    return [].concat(JSON.parse(sessionStorage.getItem(KEPT)) ?? []);
  } catch {
    return []; // storage is forbidden, or holds what is not ours
  }
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(boxes.filter((box) => box.checked).map((box) => box.value)));
  } catch {} // as above
}

function restore() {
  const ticked = kept();
  const isChanged = boxes.some((box) => box.checked !== ticked.includes(box.value));
  for (const box of boxes) box.checked = ticked.includes(box.value);
  if (isChanged || ticked.length) showWhatFits();
}

if (filter) {
  filter.hidden = false;
  filter.addEventListener("input", showWhatFits);
}
if (filter && wishes) {
  restore();
  addEventListener("pageshow", restore); // "back" shows the boxes as they were, and an item's page may have switched it off
  wishes.addEventListener("change", () => (keep(), showWhatFits()));
  wishes.addEventListener("submit", (event) => event.preventDefault());
  wishes.addEventListener("reset", () => setTimeout(() => (keep(), showWhatFits())));
}
