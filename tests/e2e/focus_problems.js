// Returns the problems of the focused element: no visible outline, covered, or before the previous one in the page.
() => {
  const here = document.activeElement;
  if (here === document.body) return [];
  const problems = [];
  const complain = (words) => problems.push(`${words}: ${here.outerHTML.replace(/\s+/g, " ").slice(0, 120)}`);
  // The input of a chip is invisible, and its label is outlined instead; for a card's link the card is outlined.
  const shown = [here, here.nextElementSibling, here.closest(".item-card")].filter(Boolean);
  const isOutlined = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const outlined = shown.find(isOutlined);
  if (!outlined) complain("the focus is not seen");
  const box = (outlined ?? here).getBoundingClientRect();
  const parts = [0.1, 0.5, 0.9];
  const spots = parts.flatMap((x) => parts.map((y) => [box.left + box.width * x, box.top + box.height * y]));
  const own = [...shown, here.closest("label")].filter(Boolean);
  const isOwn = (found) => own.some((one) => one.contains(found));
  if (!spots.some(([x, y]) => isOwn(document.elementFromPoint(x, y)))) complain("the focus is out of sight");
  if (here.tabIndex > 0) complain("tabindex");
  const before = window.focusBefore;
  const isAfter = !before?.isConnected || before.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING;
  if (!isAfter && before !== here) complain("the focus went back to");
  window.focusBefore = here;
  return problems;
}
