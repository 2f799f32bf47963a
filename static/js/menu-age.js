// Says how old the menu is while the café is out of reach, and counts on while the page is open.
// The edge marks its own copy by a cookie, "its time now (s)|when a program made the page", so no clock but its own
// counts. What a program marks itself (the database is away) has only the device's clock to be compared with.
const UNITS_S = Object.entries({ day: 86400, hour: 3600, minute: 60, second: 1 });

const region = document.querySelector("[data-menu-age]");
const copy = /(?:^|; )menu_stale="?([\d.]+)\|([^";]+)/.exec(document.cookie);
const asOf = region.querySelector("[data-menu-as-of]")?.dataset.menuAsOf;
const secondsBetween = (then, now_s) => now_s - Date.parse(then) / 1000;

if (copy) {
  document.cookie = "menu_stale=; Path=/; Max-Age=0; SameSite=Lax";
  region.replaceChildren(region.nextElementSibling.content.cloneNode(true));
  count(Math.max(0, secondsBetween(asOf ?? copy[2], Number(copy[1]))));
} else if (asOf) {
  count(secondsBetween(asOf, Date.now() / 1000));
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
