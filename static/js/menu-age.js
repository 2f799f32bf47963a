// Says how old the menu is while the café is out of reach, and counts on while the page is open.
// The edge marks its own copy by a cookie, "its time now (s)|when a program made the page|the page's address", so no
// clock but its own counts. What a program marks itself (the database is away) has only the device's clock to be
// compared with. Meanwhile it asks now and then whether the café is back, and then loads the page anew.
const UNITS_S = Object.entries({ day: 86400, hour: 3600, minute: 60, second: 1 });

const region = document.querySelector("[data-menu-age]");
const cookie = /(?:^|; )menu_stale="?([\d.]+)\|([^"|;]+)\|([^"|;]+)/.exec(document.cookie);
const copy = cookie?.[3] === location.pathname ? cookie : null;
const KEPT = `menu-age ${location.pathname}`; // when this page was made, by the device's clock (s)
const [ASK_AFTER_MS, ASK_BY_MS] = [4000, 8000];
const asOf = region.querySelector("[data-menu-as-of]")?.dataset.menuAsOf;
const secondsBetween = (then, now_s) => now_s - Date.parse(then) / 1000;

if (cookie) document.cookie = "menu_stale=; Path=/; Max-Age=0; SameSite=Lax";
if (copy) {
  showCopy(Math.max(0, secondsBetween(asOf ?? copy[2], Number(copy[1]))));
} else if (asOf) {
  count(secondsBetween(asOf, Date.now() / 1000));
  askNowAndThen();
} else if (cameFromTheBrowsersCache() && kept()) {
  showCopy(Date.now() / 1000 - kept());
} else {
  keep(null);
}

function showCopy(age_s) {
  keep(Date.now() / 1000 - age_s);
  region.replaceChildren(region.nextElementSibling.content.cloneNode(true));
  count(age_s);
  askNowAndThen();
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
  addEventListener("pageshow", (event) => event.persisted && ask());
  const again = () => setTimeout(() => ask().then(again), ASK_AFTER_MS + Math.random() * (ASK_BY_MS - ASK_AFTER_MS));
  again();
}

async function ask() {
  if (document.hidden) return;
  const answer = await fetch(location.pathname, { method: "HEAD", cache: "no-store" }).catch(() => null);
  const isCurrent = answer?.headers.get("X-Cache-Status") !== "STALE" && !answer?.headers.has("Age");
  if (answer?.ok && isCurrent) location.reload();
}

function count(age_s) {
  if (!(age_s >= 0)) return; // a clock that is wrong: the time that stands there is right
  const words = new Intl.RelativeTimeFormat(document.documentElement.lang);
  const shown = region.querySelector("[data-ago]");
  const start = performance.now();
  const draw = () => {
    const now_s = Math.max(1, age_s + (performance.now() - start) / 1000);
    const [unit, size_s] = UNITS_S.find(([, size_s]) => now_s >= size_s);
    const text = words.format(-Math.floor(now_s / size_s), unit);
    if (shown.textContent !== text) shown.textContent = text;
  };
  draw();
  setInterval(() => {
    region.setAttribute("aria-live", "off"); // heard once, not every second
    draw();
  }, 1000);
}
