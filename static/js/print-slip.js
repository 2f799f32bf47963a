// Prints a slip or sheet (templates/components/_slip_tools.html), and sets the page's length to the slip's, where the roll
// is cut: the stylesheet alone can only set a maximum.
const MM_PER_PX = 25.4 / 96;
const SPARE_MM = 2;

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = !window.print; // the browsers inside some apps have no print
  button.addEventListener("click", () => print());
}
const slip = document.querySelector("[data-slip]");
if (slip) cutAt(lengthOf(slip));

function lengthOf(slip) {
  slip.classList.add("paper--measured"); // the width of the roll: on a narrower screen more lines would wrap
  const { height } = slip.getBoundingClientRect();
  slip.classList.remove("paper--measured");
  return Math.ceil(height * MM_PER_PX) + SPARE_MM;
}

function cutAt(length_mm) {
  const { sheet } = document.querySelector("link[href*='paper']");
  try {
    sheet.insertRule(`@page slip { size: 80mm ${length_mm}mm; }`, sheet.cssRules.length);
  } catch {} // a browser without named pages uses its own print settings
}
