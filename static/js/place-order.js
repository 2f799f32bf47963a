// Sends the checkout form (data-place-order, templates/orders/checkout.html) with fetch and retries while the server is
// overloaded or restarting, so that the page stays visible. Each retry carries the same idempotency key (the submission key):
// however often it is sent, one order is placed. A second press is ignored; after an unexpected error the browser submits the
// form.
const TRIES = 5;
const WAIT_S = 3; // without a Retry-After header
const MAX_WAIT_S = 10;
const PATIENCE_MS = 25_000; // timeout of one request; the edge's own is shorter

let run = null; // the running submission; a retry loop ends when this is no longer its own

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-place-order]")) return;
  event.preventDefault();
  if (run) return run.goOn?.();
  const mine = (run = {});
  press(form);
  placeOrder(form, mine).catch(() => run === mine && form.submit());
});

// Leaving the page stops the retries; a page restored from the back/forward cache can be submitted again.
addEventListener("pagehide", () => (run = null));
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("[data-place-order]")) release(form);
});

async function placeOrder(form, mine) {
  for (let tried = 1; ; tried += 1) {
    const answer = await send(form);
    if (run !== mine) return rememberUnsure(form);
    const trouble = troubleIn(answer);
    if (!trouble) return show(answer);
    if (trouble === "unsure") rememberUnsure(form);
    const state = form.elements.is_unsure ? "unsure" : "crowded";
    if (!answer && !navigator.onLine) {
      await online(form, mine);
      tried = 0;
    } else if (tried === TRIES) {
      run = null;
      release(form);
      return say(form, state, "pressAgain");
    } else {
      await countDown(form, mine, state, { seconds: waitOf(answer), try: tried + 1, tries: TRIES });
    }
    if (run !== mine) return;
  }
}

// Returns the fully read answer, or null if none came.
async function send(form) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  const body = new URLSearchParams(new FormData(form));
  const headers = { Accept: "application/json, text/html;q=0.9" };
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers, signal: patience.signal });
    const { status, headers: said, redirected, url } = answer;
    return { status, said, ledTo: redirected && url, text: await answer.text() };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

// Returns "crowded" (no order was placed), "unsure" (it may have been placed, the answer is lost), or null for an answer of
// the application.
function troubleIn(answer) {
  const edge = answer?.said.get("X-Edge-Answer") ?? "";
  if (answer?.status === 429 || edge.startsWith("busy")) return "crowded";
  return !answer || [408, 502, 504].includes(answer.status) || edge.startsWith("unavailable") ? "unsure" : null;
}

function waitOf(answer) {
  return Math.min(Number(answer?.said.get("Retry-After")) || WAIT_S, MAX_WAIT_S);
}

// Marks the form: from now on neither this script nor the server, when it refuses a later try, may say "not placed".
function rememberUnsure(form) {
  if (form.elements.is_unsure) return;
  const input = Object.assign(document.createElement("input"), { type: "hidden", name: "is_unsure", value: "on" });
  form.append(input);
}

function show(answer) {
  if (answer.ledTo) return location.assign(answer.ledTo);
  if (answer.said.get("Content-Type")?.startsWith("application/json")) {
    return location.assign(JSON.parse(answer.text).location);
  }
  const page = new DOMParser().parseFromString(answer.text, "text/html");
  const main = page.querySelector("main");
  document.querySelector("main").replaceWith(main);
  document.title = page.title;
  run = null;
  dispatchEvent(new Event("cart-changed"));
  dispatchEvent(new Event("lines-drawn"));
  const first = main.querySelector("[role=alert], [aria-invalid=true], .field__error") ?? main;
  if (!first.matches("input")) first.tabIndex = -1;
  first.focus();
}

async function countDown(form, mine, state, words) {
  const end = performance.now() + words.seconds * 1000;
  say(form, state, "againIn", words);
  for (let left = words.seconds * 1000; left > 0 && run === mine; left = end - performance.now()) {
    draw(form, "againIn", { ...words, seconds: Math.ceil(left / 1000) });
    await new Promise((goOn) => setTimeout(goOn, left % 1000 || 1000));
  }
  draw(form, "againNow", words);
}

// Waits until the browser reports a connection, or the customer presses the button again.
async function online(form, mine) {
  release(form);
  say(form, "offline", "whenOnline");
  await new Promise((goOn) => {
    mine.goOn = goOn;
    addEventListener("online", goOn, { once: true });
  });
  mine.goOn = null;
  if (run !== mine) return;
  press(form);
  draw(form, "againNow", { try: 1, tries: TRIES });
}

// A screen reader announces the message once; the countdown is aria-hidden.
function say(form, state, next, words = {}) {
  const status = form.querySelector("[data-placing]");
  const notice = status.firstElementChild;
  notice.hidden = false;
  notice.classList.toggle("notice--problem", next === "pressAgain");
  status.querySelector(".placing__state").textContent = status.dataset[state];
  draw(form, next, words);
  const drawn = [...status.querySelectorAll("[aria-hidden]")].map((line) => line.textContent);
  status.querySelector(".visually-hidden").textContent = drawn.join(" ");
  status.scrollIntoView({ block: "nearest" });
}

function draw(form, next, words) {
  const status = form.querySelector("[data-placing]");
  const text = status.dataset[next].replace(/\{(\w+)\}/g, (_, name) => words[name]);
  status.querySelector(".placing__next").textContent = text;
}

function press(form) {
  const button = form.querySelector("button[data-busy]");
  button.dataset.words ??= button.textContent;
  button.textContent = button.dataset.busy;
  button.setAttribute("aria-disabled", "true");
}

function release(form) {
  const button = form.querySelector("button[data-busy]");
  if (!button?.dataset.words) return;
  button.textContent = button.dataset.words;
  button.removeAttribute("aria-disabled");
  form.querySelector("[data-placing]").firstElementChild.hidden = true;
}
