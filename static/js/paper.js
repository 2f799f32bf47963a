// Prints, and cuts the roll where the slip ends: the stylesheet alone can only say how long a page is at most.
const MM_PER_PX = 25.4 / 96;
const SPARE_MM = 2;

const slip = document.querySelector("[data-slip]");
if (slip) {
  const sheet = new CSSStyleSheet();
  document.adoptedStyleSheets.push(sheet);
  // While it is measured: a screen may be narrower than the roll, and its lines would break more often.
  sheet.replaceSync("[data-slip] { max-width: none !important; }");
  const length_mm = Math.ceil(slip.getBoundingClientRect().height * MM_PER_PX) + SPARE_MM;
  sheet.replaceSync(`@page slip { size: 80mm ${length_mm}mm; }`);
}
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
