// The menu page's search and its filter by allergens and diets (templates/menu/menu.html). The search matches either
// language, ignores accents, case and width, and allows pinyin and one typo. css/shop/dietary-filters.css hides an item if
// no choice of its options satisfies one of the ticked wishes; this script also hides an item if no single choice satisfies
// all of them. It shows and announces the number of items left, and keeps the ticks in sessionStorage.
const KEPT = "wishes";
const MIN_TYPO_LENGTH = 4;
const SAID_AFTER_MS = 400; // not announced after each letter
const WORD = /[\p{L}\p{M}\p{N}\p{Extended_Pictographic}]+/gu;
const ACCENTS = /[\u0300-\u036f]/g;
const LIGATURES = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ð: "d", þ: "th", ł: "l", ı: "i" };

const filter = document.querySelector("[data-menu-filter]");
const input = filter?.querySelector("input");
const wishes = document.querySelector("[data-wishes]");
const boxes = [...(wishes?.querySelectorAll("input") ?? [])];

// Words

function fold(text) {
  const plain = text.normalize("NFKD").replace(ACCENTS, "").toLowerCase();
  return plain.replace(/[ßæœøđðþłı]/g, (letter) => LIGATURES[letter]);
}

const wordsOf = (text) => fold(text).match(WORD) ?? [];

// The words joined, from each word to the last: "flat white" gives "flatwhite" and "white".
const runsOf = (words) => words.map((_word, at) => words.slice(at).join(""));

// The search index by card, filled at the first search.
const entries = new Map();

function entryOf(card) {
  if (!entries.has(card)) {
    const names = [...card.querySelectorAll(".item-card__name, .item-card__other")].map((name) => wordsOf(name.textContent));
    const lines = [card.querySelector(".item-card__line")?.textContent ?? "", card.dataset.words];
    const pinyin = (card.dataset.pinyin ?? "").split("|").map(wordsOf);
    const initials = pinyin[0].map((syllable) => syllable[0]);
    entries.set(card, {
      words: [...names.flat(), ...lines.flatMap(wordsOf)],
      runs: [...names, ...pinyin, initials].flatMap(runsOf),
    });
  }
  return entries.get(card);
}

const begins = (asked, { words, runs }) => [...words, ...runs].some((one) => one.startsWith(asked));
const holds = (asked, entry) => begins(asked, entry) || entry.words.some((word) => word.includes(asked));

// Whether the words differ by at most one inserted, missing or wrong letter, or by two swapped neighbours.
function isOneTypo(one, other) {
  if (one.length > other.length) [one, other] = [other, one];
  if (other.length - one.length > 1) return false;
  let start = 0;
  while (start < one.length && one[start] === other[start]) start += 1;
  if (other.length > one.length) return one.slice(start) === other.slice(start + 1);
  const isSwapped = one[start] === other[start + 1] && one[start + 1] === other[start];
  return one.slice(start + 1) === other.slice(start + 1) || (isSwapped && one.slice(start + 2) === other.slice(start + 2));
}

// Doubled letters count as one, so that "capucino" and "crosiant" are not two typos.
const single = (text) => text.replace(/(.)\1+/gu, "$1");

// Compares with the beginnings of words, since the last word may still be typed.
function beginsWithTypo(asked, { words, runs }) {
  const lengths = [asked.length - 1, asked.length, asked.length + 1].filter((length) => length >= MIN_TYPO_LENGTH);
  return [...words, ...runs].some((one) => lengths.some((length) => isOneTypo(asked, single(one).slice(0, length))));
}

const isTypoOfWord = (asked, { words }) => words.some((word) => word[0] === asked[0] && isOneTypo(asked, single(word)));

// Typos are tried only if no word on the menu begins with the search word: a correct word finds no other items.
function cardsWith(asked, cards) {
  const exact = cards.filter((card) => holds(asked, entryOf(card)));
  if (asked.length < MIN_TYPO_LENGTH || exact.some((card) => begins(asked, entryOf(card)))) return new Set(exact);
  const isAlike = exact.length ? isTypoOfWord : beginsWithTypo;
  return new Set([...exact, ...cards.filter((card) => isAlike(single(asked), entryOf(card)))]);
}

// The page

function showWhatFits() {
  const cards = [...document.querySelectorAll("[data-words]")];
  const sections = [...document.querySelectorAll("[data-category]")];
  const found = wordsOf(input.value).map((word) => cardsWith(word, cards));
  const wished = boxes.filter((box) => box.checked).map((box) => box.value);
  for (const section of sections) section.hidden = false;
  for (const card of cards) {
    card.hidden = !found.every((some) => some.has(card)) || !oneChoiceSuits(card, wished);
  }
  const left = cards.filter((card) => card.getClientRects().length);
  for (const section of sections) {
    section.hidden = !left.some((card) => section.contains(card));
    const link = document.querySelector(`[data-category-bar] a[href="#${section.id}"]`);
    if (link) link.hidden = section.hidden;
  }
  say(left.length, found.length > 0, wished.length > 0);
}

// Whether one choice of options satisfies all wishes. data-suits-together omits wishes that all choices or none satisfy:
// CSS handles those.
function oneChoiceSuits(card, wished) {
  const choices = (card.dataset.suitsTogether ?? "").split("|").map((wishes) => wishes.split(" "));
  const asked = wished.filter((wish) => choices.some((choice) => choice.includes(wish)));
  return choices.some((choice) => asked.every((wish) => choice.includes(wish)));
}

function say(count, isSearched, isWished) {
  const empty = document.querySelector("[data-filter-empty]");
  const nothing = empty.querySelector("[data-filter-nothing]");
  nothing.dataset.wordsName ??= nothing.textContent;
  nothing.textContent = isWished ? nothing.dataset.wordsWishes : nothing.dataset.wordsName;
  empty.hidden = count > 0;
  for (const one of empty.querySelectorAll("[data-of-search]")) one.hidden = !isSearched;
  empty.querySelector("[data-clear-wishes]").hidden = !isWished;
  const left = wishes?.querySelector("[data-wishes-left]");
  if (left) left.textContent = isWished && count ? counted(left, count) : "";
  const said = document.querySelector("[data-filter-said]");
  const isNews = count === 0 || (isSearched && !isWished); // else the filter's own line shows the count
  sayLater(said, count === 0 ? nothing.textContent : isNews ? counted(said, count) : "");
}

const counted = (element, count) =>
  count === 1 ? element.dataset.wordsOne : element.dataset.wordsMany.replace("{n}", count);

let timer;

function sayLater(said, words) {
  clearTimeout(timer);
  timer = setTimeout(() => (said.textContent = words), SAID_AFTER_MS);
}

function kept() {
  try {
    return [].concat(JSON.parse(sessionStorage.getItem(KEPT)) ?? []);
  } catch {
    return []; // storage is forbidden, or holds no valid JSON
  }
}

function keep() {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify(boxes.filter((box) => box.checked).map((box) => box.value)));
  } catch {} // storage is forbidden
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
  document.querySelector("[data-clear-search]").addEventListener("click", () => {
    input.value = "";
    showWhatFits();
    input.focus();
  });
  document.querySelector("[data-clear-wishes]").addEventListener("click", () => {
    wishes.reset();
    wishes.querySelector("summary").focus();
  });
  if (input.value) showWhatFits(); // the browser restores the field on back navigation
}
if (filter && wishes) {
  restore();
  addEventListener("pageshow", restore); // back navigation restores old ticks, and an item page may have switched the filter off
  wishes.addEventListener("change", () => (keep(), showWhatFits()));
  wishes.addEventListener("submit", (event) => event.preventDefault());
  wishes.addEventListener("reset", () => setTimeout(() => (keep(), showWhatFits())));
}
