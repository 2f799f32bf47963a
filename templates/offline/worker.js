{# inputs: languages (codes, as JSON), release (the address of one of this release's files) #}
// Service worker: caches the menu for use offline (docs/operations.md, "The menu without a connection"), and of the orders
// seen on this device the number and the last state. Pages come from the network first. The worker never caches a personal
// page, never sends a form, and does not handle staff pages.
// A release with other files changes this line, so that browsers install the new worker: {{ release }}
const LANGUAGES = {{ languages|safe }};
const PATIENCE_MS = 3000; // after this long the cached page is shown, if there is one
const PATIENCE_WHILE_READING_MS = 30000; // while a cached page is on screen and the server has just answered its probe
const ORDERS_KEPT_MS = 24 * 3600 * 1000; // since the order was last seen
const [PAGES, OFFLINE, FILES, PICTURES] = ["pages 1", "offline 1", "files 1", "pictures 1"];
const ORDERS = "orders 1"; // read by js/kept-orders.js
const MOST = { [PAGES]: 60, [OFFLINE]: LANGUAGES.length, [FILES]: 60, [PICTURES]: 100, [ORDERS]: 20 }; // entries per cache
const MENU = new RegExp(`^/(${LANGUAGES.join("|")})/(item/[-\\w]+/)?$`);
const ORDER = new RegExp(`^/(?:${LANGUAGES.join("|")})(/(?:order|shared)/[^/]+/|/orders/mine/)$`);
const CUSTOMERS = new RegExp(`^/((${LANGUAGES.join("|")})/|$)`);
const LASTING = /^\/(static\/(?!admin\/)|media\/)/;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // These requests bypass the worker: one that a page sends while it is left would be lost here, as its client is gone.
  const past = [{ urlPattern: "/admin/*" }, { requestMethod: "POST" }];
  event.addRoutes?.(past.map((condition) => ({ condition, source: "network" }))).catch(() => {});
  event.waitUntil(Promise.all(LANGUAGES.map((code) => see(OFFLINE, `/${code}/offline/`))));
});

self.addEventListener("activate", (event) => event.waitUntil(begin()));

async function begin() {
  const old = (await caches.keys()).filter((name) => !(name in MOST));
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
  // Cache the open menu pages: they were loaded before the worker was installed.
  const open = await self.clients.matchAll({ type: "window" });
  const paths = open.map((client) => new URL(client.url).pathname).filter((path) => MENU.test(path));
  await Promise.allSettled(paths.map((path) => see(PAGES, path)));
}

let answeredAt_ms = 0;
self.addEventListener("message", (event) => {
  if (event.data.orders) event.waitUntil(keepOrders(event.data.orders)); // from js/keep-order.js
  else answeredAt_ms = Date.now(); // from js/menu-age.js and js/offline-page.js, before they reload
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode !== "navigate") return LASTING.test(pathname) && event.respondWith(file(event, pathname));
  if (CUSTOMERS.test(pathname)) event.respondWith(page(event, pathname));
});

async function page(event, path) {
  const network = fromNetwork(event);
  network.catch(() => {}); // no unhandled rejection: the error is handled below, where the promise is awaited
  const isMenu = MENU.test(path);
  if (!isMenu && !(await isOrderKept(path))) return network.catch(() => offlinePage(path));
  const patience_ms = Date.now() - answeredAt_ms < PATIENCE_MS ? PATIENCE_WHILE_READING_MS : PATIENCE_MS;
  const inTime = navigator.onLine && (await Promise.race([network.catch(() => null), after(patience_ms)]));
  const kept = inTime && inTime.status < 500 ? null : await (isMenu ? keptPage(path) : offlinePage(path));
  // The network promise is not awaited any more, so the browser ends the request. On a dead connection it would block the
  // next request for the same page, since the browser's cache locks an entry per URL.
  if (kept) return kept;
  const answer = inTime || (await network.catch(() => null));
  if (!answer) return offlinePage(path);
  // Back navigation is answered from the browser's cache, which may be stale: do not cache that.
  const isAsked = isMenu && event.request.cache !== "force-cache" && !event.request.isHistoryNavigation;
  if (isAsked) event.waitUntil(keep(PAGES, path, answer.clone()).catch(() => {}));
  return answer;
}

async function fromNetwork(event) {
  return (await event.preloadResponse) ?? fetch(event.request);
}

function after(ms) {
  return new Promise((goOn) => setTimeout(goOn, ms));
}

// Returns the cached page with data-kept-at (ms) at its root, for js/menu-age.js; null if there is none.
async function keptPage(path) {
  const kept = await (await caches.open(PAGES)).match(path);
  if (!kept) return null;
  const html = (await kept.text()).replace("<html ", `<html data-kept-at="${kept.headers.get("X-Kept-At")}" `);
  return new Response(html, { headers: kept.headers });
}

// Stores each order under its path without the language: {path, number, status, isMine, at (ms)}.
async function keepOrders(orders) {
  for (const order of orders) await store(ORDERS, order.path, new Response(JSON.stringify(order)));
  await keptOrders();
}

// Returns the stored orders, and deletes those last confirmed more than a day ago.
async function keptOrders() {
  const cache = await caches.open(ORDERS);
  const kept = await Promise.all((await cache.keys()).map(async (key) => (await cache.match(key))?.json()));
  const isCurrent = (order) => Date.now() - order.at < ORDERS_KEPT_MS;
  const old = kept.filter((order) => order && !isCurrent(order));
  await Promise.all(old.map((order) => cache.delete(order.path)));
  return kept.filter((order) => order && isCurrent(order));
}

async function isOrderKept(path) {
  const [, address] = ORDER.exec(path) ?? [];
  if (!address) return false;
  const isShown = (order) => (address === "/orders/mine/" ? order.isMine : order.path === address);
  return (await keptOrders()).some(isShown);
}

async function offlinePage(path) {
  const code = LANGUAGES.find((code) => path.startsWith(`/${code}/`));
  if (!code) return Response.redirect(`/${LANGUAGES.find(isRead) ?? LANGUAGES[0]}/`);
  const kept = await (await caches.open(OFFLINE)).match(`/${code}/offline/`);
  return kept ? new Response(kept.body, { status: 503, headers: kept.headers }) : Response.error();
}

function isRead(code) {
  return navigator.language.split("-")[0] === code.split("-")[0];
}

// Serves a file from the cache first: its address holds its content's hash.
async function file(event, path) {
  const name = path.startsWith("/media/") ? PICTURES : FILES;
  const kept = await (await caches.open(name)).match(path);
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (isForEver(answer)) event.waitUntil(store(name, path, answer.clone()).catch(() => {}));
  return answer;
}

async function see(name, path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  await keep(name, path, answer);
}

// Caches a page with the static files it names, unless the answer is stale; a 404 deletes it.
async function keep(name, path, answer) {
  if (answer.status === 404) return (await caches.open(name)).delete(path);
  const isCurrent = answer.headers.get("X-Cache-Status") !== "STALE" && !answer.headers.has("Age");
  if (!answer.ok || answer.redirected || !isCurrent) return;
  const html = await answer.text();
  const headers = new Headers(answer.headers);
  for (const coded of ["Content-Encoding", "Content-Length"]) headers.delete(coded);
  headers.set("X-Kept-At", Date.now());
  await store(name, path, new Response(html, { headers }));
  const named = new Set([...html.matchAll(/(?:href|src)="(\/static\/[^"]+\.(?:css|js|svg))"/g)].map(([, file]) => file));
  await Promise.all([...named].map(keepFile));
}

async function keepFile(path) {
  if (await (await caches.open(FILES)).match(path)) return;
  const answer = await fetch(path);
  if (isForEver(answer)) await store(FILES, path, answer);
}

function isForEver(answer) {
  return answer.ok && answer.headers.get("Cache-Control")?.includes("immutable");
}

async function store(name, key, answer) {
  const cache = await caches.open(name);
  await cache.put(key, answer);
  const keys = await cache.keys();
  await Promise.all(keys.slice(0, -MOST[name]).map((oldest) => cache.delete(oldest)));
}

// A press on the "Ready" notification (js/ready-notice.js) opens the order.
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(showOrder(event.notification.data));
});

async function showOrder(path) {
  const open = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const page = open.find((client) => new URL(client.url).pathname === path);
  return page ? page.focus() : self.clients.openWindow(path);
}
