// Sends what changes the cart, one change after the other over all tabs of this browser: each answer writes the whole
// cart into a cookie, so a change starts from the answer before it. Where tabs cannot take turns (no Web Locks, a frozen
// tab), or a page is left before its changes were sent, requests overlap and the café merges them
// (orders/cart/changes.py).
//
// A form with data-cart-form stays on its page, or goes on to data-then. Events on window: "cart-sent" (detail: the
// submit event), "cart-changed" (it is in the cookie; detail: the form), "cart-settled" (nothing is on its way;
// detail.location: where the last answer leads).
const LOCK = "cart";
const LOCK_WAIT_MS = 4_000;
const ANSWER_WAIT_MS = 20_000;
const LEAVE_WAIT_MS = 8_000;
const MAX_SETTLES = 3;

const waiting = []; // changes whose answers have not come
let isSending = false;
let destination = null; // of a link that was pressed meanwhile

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !form.matches("[data-cart-form]")) return;
  if (!submitter && form.querySelector("button[name]")) return; // an old browser does not say which button it was
  event.preventDefault();
  if (navigator.cookieEnabled === false) return sayNoCookies();
  submitter?.classList.add("is-busy");
  waiting.push({ form, submitter, address: form.action, body: bodyOf(form, submitter) });
  announce("cart-sent", event);
  sendAll();
});

// Leaving by a link waits for what is on its way; leaving by any other way takes it along.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href]");
  if (!isSending || !leavesHere(link, event)) return;
  event.preventDefault();
  link.classList.add("is-busy");
  if (!destination) setTimeout(() => destination && location.assign(destination), LEAVE_WAIT_MS);
  destination = link.href;
});

addEventListener("pagehide", () => {
  destination = null;
  sendTheRest();
});
document.addEventListener("visibilitychange", () => document.hidden && sendTheRest());

addEventListener("pageshow", () => {
  for (const busy of document.querySelectorAll("a.is-busy")) busy.classList.remove("is-busy");
  if (isOverwritten()) sendAll();
});

async function sendAll() {
  if (isSending) return;
  isSending = true;
  addEventListener("beforeunload", sendTheRest); // only now: it can keep a page out of the browser's back cache
  let settles = 0;
  let ledTo = null;
  while (waiting.length || (isOverwritten() && settles < MAX_SETTLES)) {
    if (!waiting.length) waiting.push(settling(settles++));
    const change = waiting[0];
    const answer = await inTurn(() => send(change));
    waiting.shift();
    change.submitter?.classList.remove("is-busy");
    if (!answer && !change.form) break;
    if (!answer) return leaveBy(change);
    ledTo = answer.location ?? ledTo;
    tell(change, answer);
  }
  isSending = false;
  removeEventListener("beforeunload", sendTheRest);
  if (destination) return location.assign(destination);
  announce("cart-settled", { location: ledTo });
}

// Out of turn: they overlap, and are merged.
function sendTheRest() {
  for (const change of waiting) send(change);
}

// Sends once, however often it is called, and never rejects.
function send(change) {
  change.answer ??= ask(change).catch(() => null);
  return change.answer;
}

// The answer, or null for a refusal, which the page that the form leads to explains.
async function ask({ address, body }) {
  const patience = window.AbortController && new AbortController();
  const timer = setTimeout(() => patience?.abort(), ANSWER_WAIT_MS);
  try {
    const headers = { "X-Requested-With": "fetch", Accept: "application/json" };
    const options = { method: "POST", body, headers, redirect: "manual", keepalive: true, signal: patience?.signal };
    const answer = await fetch(address, options);
    if (answer.status === 204) return { isAdded: true };
    return answer.ok && isJson(answer) ? { location: (await answer.json()).location } : null;
  } finally {
    clearTimeout(timer);
  }
}

async function inTurn(write) {
  let timer = 0;
  const granted = () => {
    clearTimeout(timer);
    return write();
  };
  try {
    const patience = new AbortController();
    timer = setTimeout(() => patience.abort(), LOCK_WAIT_MS);
    return await navigator.locks.request(LOCK, { signal: patience.signal }, granted);
  } catch {
    return write(); // no locks, no AbortController, storage is forbidden, or another tab keeps it
  } finally {
    clearTimeout(timer);
  }
}

function tell({ form }, { isAdded }) {
  if (!form) return;
  if (isAdded && !cookies().has("cart_badge")) return sayNoCookies();
  announce("cart-changed", form);
  if (isAdded && form.dataset.then) destination ??= form.dataset.then;
}

// The browser sends it again and shows why it is refused; what waits behind it is sent as the page goes.
function leaveBy({ form, submitter }) {
  isSending = false;
  destination = null;
  if (submitter?.name) {
    const { name, value } = submitter;
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  HTMLFormElement.prototype.submit.call(form);
}

function settling() {
  const address = document.querySelector("[data-settle-cart]").dataset.settleCart;
  return { address, body: new URLSearchParams() };
}

// True if an answer that overtook another one has overwritten its change.
function isOverwritten() {
  const known = cookies();
  const merged = (known.get("cart_merged") ?? "").split(".");
  return [...known.keys()].some((name) => name.startsWith("cart_change_") && !merged.includes(name.slice(12)));
}

function cookies() {
  return new Map(document.cookie.split("; ").map((pair) => pair.split("=", 2)));
}

function sayNoCookies() {
  const template = document.querySelector("[data-no-cookies]");
  if (!document.querySelector(".no-cookies")) template?.after(template.content.cloneNode(true));
}

function bodyOf(form, submitter) {
  const body = new URLSearchParams(new FormData(form));
  if (submitter?.name) body.append(submitter.name, submitter.value);
  return body;
}

function leavesHere(link, event) {
  const isPlain = !event.button && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.defaultPrevented || link.target || link.origin !== location.origin) return false;
  return link.href.split("#")[0] !== location.href.split("#")[0];
}

function isJson(answer) {
  return answer.headers.get("Content-Type")?.startsWith("application/json");
}

function announce(name, detail) {
  dispatchEvent(Object.assign(new Event(name), { detail }));
}
