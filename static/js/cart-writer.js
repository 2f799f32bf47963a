// Sends cart changes (forms with data-cart-form) one after the other, under a Web Lock over all tabs of this browser: each
// answer writes the whole cart into a cookie, so the next change must start from that answer. Without the lock (no Web
// Locks, a frozen tab), or when a page is left before its changes were sent, requests overlap and the server merges them
// (orders/cart/changes.py).
//
// The page stays open, or data-then of the form is opened. Events on window: "cart-sent" (detail: the submit event),
// "cart-changed" (the cookie holds the change; detail: the form), "cart-settled" (no request is pending;
// detail.location: where the last answer leads).
const LOCK = "cart";
const LOCK_WAIT_MS = 4_000;
const ANSWER_WAIT_MS = 20_000;
const LEAVE_WAIT_MS = 8_000;
const MAX_SETTLES = 3;

const waiting = []; // changes without an answer yet
let isSending = false;
let destination = null; // URL of a link pressed while changes were pending

document.addEventListener("submit", (event) => {
  const { target: form, submitter } = event;
  if (event.defaultPrevented || !form.matches("[data-cart-form]")) return;
  if (!submitter && form.querySelector("button[name]")) return; // an old browser has no event.submitter
  event.preventDefault();
  if (navigator.cookieEnabled === false) return sayNoCookies();
  submitter?.classList.add("is-busy");
  waiting.push({ form, submitter, address: form.action, body: bodyOf(form, submitter) });
  announce("cart-sent", event);
  sendAll();
});

// A pressed link is opened when the pending changes are answered. Any other way of leaving the page sends them without the
// lock, as keepalive requests.
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
  addEventListener("beforeunload", sendTheRest); // only now: it can block the back/forward cache
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

// Sends all waiting changes without the lock: they overlap, and the server merges them.
function sendTheRest() {
  for (const change of waiting) send(change);
}

// Sends a change once, however often it is called. The promise never rejects.
function send(change) {
  change.answer ??= ask(change).catch(() => null);
  return change.answer;
}

// Returns {isAdded} or {location}, or null for a refusal, which the page at the form's address explains.
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
    return write(); // no Web Locks or AbortController, storage is forbidden, or another tab holds the lock too long
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

// Submits a refused form as a page load, which shows the reason; the changes waiting behind it are sent on pagehide.
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

// Returns whether the cookie lacks a change because two answers came in the wrong order.
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
