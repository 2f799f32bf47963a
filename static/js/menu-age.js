// Shows how old the menu is (templates/components/_menu_age.html) while the server or the phone's connection is down, and
// updates the age while the page is open. A stale page is one of:
// - the service worker's copy (templates/offline/worker.js): data-kept-at of the root is its time, by the device's clock (ms).
// - the edge's copy, named by the cookie menu_stale: "edge's time now (s)|time an instance rendered the page|path". Both
//   times are the server's, so a wrong device clock does no harm.
// - a page of an instance whose database is down: it holds the menu's time, which is compared with the device's clock.
// Meanwhile the script probes the server, and reloads the page when a current one is available. A current page that loses
// its connection only shows that.
const UNITS_S = Object.entries({ day: 86400, hour: 3600, minute: 60, second: 1 });

const region = document.querySelector("[data-menu-age]");
const cookie = /(?:^|; )menu_stale="?([\d.]+)\|([^"|;]+)\|([^"|;]+)/.exec(document.cookie);
const copy = cookie?.[3] === location.pathname ? cookie : null;
const KEPT = `menu-age ${location.pathname}`; // sessionStorage key: when this page was rendered, by the device's clock (s)
const [ASK_AFTER_MS, ASK_BY_MS] = [4000, 8000];
const COME_BY_MS = 40000; // time for the reload: a probe before would restart it
const keptAt_ms = Number(document.documentElement.dataset.keptAt);
const asOf = region.querySelector("[data-menu-as-of]")?.dataset.menuAsOf;
const secondsBetween = (then, now_s) => now_s - Date.parse(then) / 1000;
const deviceNow_s = () => Date.now() / 1000;
let counting = 0;

if (cookie) document.cookie = "menu_stale=; Path=/; Max-Age=0; SameSite=Lax";
if (keptAt_ms) {
  showCopy(Math.max(0, deviceNow_s() - keptAt_ms / 1000));
} else if (copy) {
  showCopy(Math.max(0, secondsBetween(asOf ?? copy[2], Number(copy[1]))));
} else if (asOf) {
  count(secondsBetween(asOf, deviceNow_s()));
  askNowAndThen();
} else if (cameFromTheBrowsersCache() && kept()) {
  showCopy(deviceNow_s() - kept());
} else {
  keep(null);
  for (const name of ["offline", "online", "pageshow"]) addEventListener(name, sayWhetherOffline);
  sayWhetherOffline();
}

function showCopy(age_s) {
  keep(deviceNow_s() - age_s);
  say(navigator.onLine ? "away" : "offline", age_s);
  askNowAndThen();
}

function say(what, age_s) {
  const template = document.querySelector(`template[data-${what}]`);
  region.removeAttribute("aria-live");
  region.replaceChildren(template.content.cloneNode(true));
  count(age_s);
}

function sayWhetherOffline() {
  if (navigator.onLine) {
    clearInterval(counting);
    region.replaceChildren();
  } else if (!region.firstElementChild) {
    say("offline", performance.now() / 1000);
  }
}

// Back navigation shows the browser's cached page without a request: a page that was stale then is stale now.
function cameFromTheBrowsersCache() {
  const [navigation] = performance.getEntriesByType("navigation");
  return navigation?.type === "back_forward" && navigation.transferSize === 0;
}

function kept() {
  try {
    return Number(sessionStorage.getItem(KEPT));
  } catch {
    return 0; // sessionStorage is forbidden
  }
}

function keep(made_s) {
  try {
    if (made_s === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, made_s);
  } catch {} // sessionStorage is forbidden
}

function askNowAndThen() {
  addEventListener("online", ask);
  addEventListener("pageshow", (event) => event.persisted && ask());
  const again = () => setTimeout(() => ask().then(again), ASK_AFTER_MS + Math.random() * (ASK_BY_MS - ASK_AFTER_MS));
  again();
}

async function ask() {
  if (document.hidden || !navigator.onLine) return;
  const signal = window.AbortSignal?.timeout?.(ASK_BY_MS); // a dead connection would hold the request for minutes
  const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store", signal }).catch(() => null);
  const isCurrent = answer?.headers.get("X-Cache-Status") !== "STALE" && !answer?.headers.has("Age");
  if (!answer?.ok || !isCurrent) return;
  navigator.serviceWorker?.controller?.postMessage("answers"); // the worker then waits longer for the page, on a slow connection
  location.reload();
  await new Promise((goOn) => setTimeout(goOn, COME_BY_MS));
}

function count(age_s) {
  if (!(age_s >= 0)) return; // the device's clock is wrong: the server's time stays shown
  const shown = region.querySelector("[data-ago]");
  const { lang } = document.documentElement;
  if (!window.Intl?.RelativeTimeFormat) {
    shown.textContent ||= new Date(Date.now() - age_s * 1000).toLocaleString(lang);
    return;
  }
  const isChinese = lang.startsWith("zh"); // 5 秒前; the long style's 5秒钟前 is unusual
  const words = new Intl.RelativeTimeFormat(lang, { style: isChinese ? "short" : "long" });
  const start = performance.now();
  const draw = () => {
    const now_s = Math.max(1, age_s + (performance.now() - start) / 1000);
    const [unit, size_s] = UNITS_S.find(([, size_s]) => now_s >= size_s);
    const parts = words.formatToParts(-Math.floor(now_s / size_s), unit);
    const text = parts.map(({ value }) => value).join(isChinese ? " " : "");
    if (shown.textContent !== text) shown.textContent = text;
  };
  draw();
  counting = setInterval(() => {
    region.setAttribute("aria-live", "off"); // announced once, not every second
    draw();
  }, 1000);
}
