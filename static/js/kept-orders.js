// The offline page at the address of an order or of "My orders" (templates/components/_kept_orders.html): shows the number
// and the last state that the service worker stored (templates/offline/worker.js, js/keep-order.js), and when the server last
// confirmed it.
const KEPT_IN = "orders 1";
const LOCALES = { en: "en-GB" }; // 12:04, as cafe/formats/en writes it
const words = document.querySelector("[data-kept-words]");
const { lang } = document.documentElement;
const language = `/${lang}/`;
const address = location.pathname.replace(language, "/");

showKept().catch(() => {}); // storage is forbidden: the page only says that there is no connection

async function showKept() {
  const cache = await caches.open(KEPT_IN);
  if (address === "/orders/mine/") return showAll(await allOf(cache));
  const kept = await cache.match(address);
  if (kept) showOne(await kept.json());
}

async function allOf(cache) {
  const kept = await Promise.all((await cache.keys()).map(async (key) => (await cache.match(key)).json()));
  return kept.filter((order) => order.isMine).reverse();
}

function showOne(order) {
  const page = copyOf("kept-order");
  const state = page.querySelector(".order-state");
  const caption = page.querySelector("[data-shared]");
  state.classList.add(`order-state--${order.status}`);
  page.querySelector(".filling-cup").classList.add(`filling-cup--${order.status}`);
  page.querySelector(".order-state__number").textContent = order.number;
  page.querySelector(".order-state__label").textContent = words.dataset[order.status];
  if (order.path.startsWith("/shared/")) caption.textContent = caption.dataset.shared;
  sayWhen(page, order);
  document.title = `${order.number} · ${words.dataset[order.status]}`;
  show(page);
}

function showAll(orders) {
  if (!orders.length) return;
  const page = copyOf("kept-orders");
  page.querySelector("ul").append(...orders.map(row));
  document.title = page.querySelector("h1").textContent;
  show(page);
}

function row(order) {
  const item = copyOf("kept-row");
  item.querySelector("li").classList.add(`order-list__order--${order.status}`);
  item.querySelector("a").href = order.path.replace("/", language);
  item.querySelector(".order-list__number").textContent = order.number;
  item.querySelector(".badge").textContent = words.dataset[order.status];
  item.querySelector(".badge").classList.add(`badge--${order.status}`);
  sayWhen(item, order);
  return item;
}

function copyOf(name) {
  return words.querySelector(`template[data-${name}]`).content.cloneNode(true);
}

// Shows the time of day, with the date unless it is today.
function sayWhen(place, { at }) {
  const seen = new Date(at);
  const isToday = seen.toDateString() === new Date().toDateString();
  const day = isToday ? {} : { day: "numeric", month: "short" };
  const shape = { ...day, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const time = place.querySelector("[data-as-of]");
  time.dateTime = seen.toISOString();
  time.textContent = seen.toLocaleString(LOCALES[lang] ?? lang, shape);
}

function show(page) {
  for (const element of document.querySelectorAll("[data-nothing-kept]")) element.remove();
  words.prepend(page);
}
