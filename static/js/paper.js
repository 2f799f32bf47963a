// Prints, and cuts the roll where the slip ends: the stylesheet alone can only say how long a page is at most.
const MM_PER_PX = 25.4 / 96;
const SPARE_MM = 2;

const slip = document.querySelector("[data-slip]");
if (slip) {
  slip.style.maxWidth = "none"; // a screen may be narrower than the roll: its lines would break more often
  const length_mm = Math.ceil(slip.getBoundingClientRect().height * MM_PER_PX) + SPARE_MM;
  slip.style.maxWidth = "";
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@page slip { size: 80mm ${length_mm}mm; }`);
  document.adoptedStyleSheets.push(sheet);
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
