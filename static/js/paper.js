// Prints, and cuts the roll where the slip ends: the stylesheet alone can only say how long a page is at most.
const MM_PER_PX = 25.4 / 96;
const SPARE_MM = 2;

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = !window.print; // the browsers within some apps cannot
  button.addEventListener("click", () => print());
}
const slip = document.querySelector("[data-slip]");
if (slip) cutAt(lengthOf(slip));

function lengthOf(slip) {
  slip.classList.add("paper--measured"); // a screen may be narrower than the roll, and its lines would break more often
  const { height } = slip.getBoundingClientRect();
  slip.classList.remove("paper--measured");
  return Math.ceil(height * MM_PER_PX) + SPARE_MM;
}

function cutAt(length_mm) {
  const { sheet } = document.querySelector("link[href*='paper']");
  try {
    sheet.insertRule(`@page slip { size: 80mm ${length_mm}mm; }`, sheet.cssRules.length);
  } catch {} // a browser without named pages prints as its own settings say
}
