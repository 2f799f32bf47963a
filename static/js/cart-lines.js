// The cart page stays in its place while lines change: each touch counts at once, and the lines are drawn anew when
// nothing is on its way any more.
const LINES = "[data-cart-lines]";
let touched = 0; // a drawing that was asked for before the latest touch is out of date

addEventListener("cart-sent", ({ detail: { target: form, submitter } }) => {
  touched += 1;
  if (form.matches(".stepper")) showQuantity(form, Number(submitter.value));
  else if (submitter?.value === "0") form.closest(".cart-line").classList.add("is-leaving");
});

addEventListener("cart-settled", async ({ detail: { location: ledTo } }) => {
  const asked = touched;
  const fresh = await linesAt(ledTo ?? location.href);
  if (asked !== touched) return;
  if (!fresh) return location.reload();
  const find = whereFocusGoes();
  document.querySelector(LINES).replaceWith(fresh);
  find?.(fresh)?.focus();
  say(fresh);
});

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

// The same control of the same line; where the line has gone, what puts it back.
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
