// Says how old the menu is while the café is out of reach or the phone without a connection, and counts on while the
// page is open. Whose copy it is:
// - the phone's own (templates/offline/worker.js): the page's root says when it was kept, by the device's clock (ms).
// - the edge's, by a cookie, "its time now (s)|when a program made the page|the page's address", so no clock but its own
//   counts.
// - a program's whose database is away, which says so itself and has only the device's clock to be compared with.
// Meanwhile it asks now and then whether the café is back, and then loads the page anew. A current page whose connection
// is lost only says so.
const UNITS_S = Object.entries({ day: 86400, hour: 3600, minute: 60, second: 1 });

const region = document.querySelector("[data-menu-age]");
const cookie = /(?:^|; )menu_stale="?([\d.]+)\|([^"|;]+)\|([^"|;]+)/.exec(document.cookie);
const copy = cookie?.[3] === location.pathname ? cookie : null;
const KEPT = `menu-age ${location.pathname}`; // when this page was made, by the device's clock (s)
const [ASK_AFTER_MS, ASK_BY_MS] = [4000, 8000];
const COME_BY_MS = 40000; // a page that is loaded anew; asked again before, it would begin again
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

// "Back" shows what the browser has, and asks nobody: what was an old copy then is one now.
function cameFromTheBrowsersCache() {
  const [navigation] = performance.getEntriesByType("navigation");
  return navigation?.type === "back_forward" && navigation.transferSize === 0;
}

function kept() {
  try {
    return Number(sessionStorage.getItem(KEPT));
  } catch {
    return 0; // storage is forbidden
  }
}

function keep(made_s) {
  try {
    if (made_s === null) sessionStorage.removeItem(KEPT);
    else sessionStorage.setItem(KEPT, made_s);
  } catch {} // as above
}

function askNowAndThen() {
  addEventListener("online", ask);
  addEventListener("pageshow", (event) => event.persisted && ask());
  const again = () => setTimeout(() => ask().then(again), ASK_AFTER_MS + Math.random() * (ASK_BY_MS - ASK_AFTER_MS));
  again();
}

async function ask() {
  if (document.hidden || !navigator.onLine) return;
  const signal = window.AbortSignal?.timeout?.(ASK_BY_MS); // a dead line would keep it for minutes
  const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store", signal }).catch(() => null);
  const isCurrent = answer?.headers.get("X-Cache-Status") !== "STALE" && !answer?.headers.has("Age");
  if (!answer?.ok || !isCurrent) return;
  navigator.serviceWorker?.controller?.postMessage("answers"); // so it waits for the page, on a slow line too
  location.reload();
  await new Promise((goOn) => setTimeout(goOn, COME_BY_MS));
}

function count(age_s) {
  if (!(age_s >= 0)) return; // a clock that is wrong: the time that stands there is right
  const shown = region.querySelector("[data-ago]");
  const { lang } = document.documentElement;
  if (!window.Intl?.RelativeTimeFormat) {
    shown.textContent ||= new Date(Date.now() - age_s * 1000).toLocaleString(lang);
    return;
  }
  const isChinese = lang.startsWith("zh"); // 5 秒前: the long style's 5秒钟前 is said by nobody
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
    region.setAttribute("aria-live", "off"); // heard once, not every second
    draw();
  }, 1000);
}
