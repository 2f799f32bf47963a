// The cart page (templates/orders/cart.html) changes lines without a page load: each press shows its quantity immediately,
// and the lines are fetched again when no request of this page is pending, or when another page has changed the cart.
const LINES = "[data-cart-lines]";
let touched = 0; // counts changes: lines fetched before the latest one are out of date
let isChanging = false;
let lookedFor = null; // the badge cookie for which the lines were last fetched
let press = null; // a promise while a finger or a mouse button is down
let endPress = null;
const MAX_PRESS_MS = 5000;

addEventListener("cart-sent", ({ detail: { target: form, submitter } }) => {
  touched += 1;
  isChanging = true;
  if (form.matches(".stepper")) showQuantity(form, Number(submitter.value));
  else if (submitter?.value === "0") form.closest(".cart-line").classList.add("is-leaving");
});

addEventListener("cart-settled", ({ detail: { location: ledTo } }) => {
  isChanging = false;
  lookedFor = badgeCookie();
  drawAnew(ledTo ?? location.href);
});

addEventListener("pageshow", drawWhatIsOld);
document.addEventListener("visibilitychange", drawWhatIsOld);
window.cookieStore?.addEventListener("change", drawWhatIsOld);

function drawWhatIsOld() {
  const badge = badgeCookie();
  const isKnown = [document.querySelector(LINES).dataset.cartLines, lookedFor].includes(badge);
  if (isKnown || isChanging || document.hidden) return;
  lookedFor = badge;
  drawAnew(location.pathname);
}

function badgeCookie() {
  const [, value = ""] = /(?:^|; )cart_badge=([^;]*)/.exec(document.cookie) ?? [];
  return decodeURIComponent(value).replace(/"/g, "");
}

// Lines are not replaced while a pointer is down: a button replaced under a finger gets no click.
addEventListener("pointerdown", () => (press = new Promise((resolve) => (endPress = resolve))), true);
for (const name of ["pointerup", "pointercancel"]) {
  addEventListener(
    name,
    () => {
      const [end, ended] = [endPress, press];
      setTimeout(() => {
        end?.();
        if (press === ended) press = null; // else the next press has begun
      }); // after the click event
    },
    true,
  );
}

async function drawAnew(address) {
  const asked = touched;
  const fresh = await linesAt(address);
  await Promise.race([press, new Promise((resolve) => setTimeout(resolve, MAX_PRESS_MS))]);
  if (asked !== touched) return;
  if (!fresh) return location.reload();
  const find = whereFocusGoes();
  document.querySelector(LINES).replaceWith(fresh);
  dispatchEvent(new Event("lines-drawn"));
  find?.(fresh)?.focus();
  say(fresh);
}

function showQuantity(form, quantity) {
  const [less, more] = form.querySelectorAll("button");
  form.elements.was.value = quantity;
  form.querySelector(".stepper__value").textContent = quantity;
  less.value = quantity - 1;
  more.value = quantity + 1;
  less.disabled = quantity < 1;
  more.disabled = quantity < 1 || quantity >= Number(form.dataset.most);
  form.closest(".cart-line").classList.toggle("is-leaving", quantity < 1);
}

async function linesAt(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return page.querySelector(LINES);
  } catch {
    return null;
  }
}

// Returns a function that finds, in the new lines, the control that had the focus; for a removed line, its undo button.
function whereFocusGoes() {
  const line = document.activeElement?.closest(".cart-line");
  if (!line) return null;
  const place = [...line.querySelectorAll("a, button")].indexOf(document.activeElement);
  return (lines) => {
    const same = lines.querySelector(`[data-line="${line.dataset.line}"]`);
    const control = same?.querySelectorAll("a, button")[place];
    return control?.disabled ? same.querySelector("button:not(:disabled)") : control ?? lines.querySelector("[data-undo]");
  };
}

function say(lines) {
  const said = document.querySelector("[data-said-here]");
  const sum = lines.querySelector(".sum__amount")?.textContent;
  said.textContent = lines.querySelector("[data-notice]")?.textContent ?? (sum ? `${said.dataset.words} ${sum}` : "");
}
