// Returns the texts that other texts cover with forced colours: the browser then paints a background behind each line
// of text, as high as the font's letters.
() => {
  // Without this, a menu section outside of the viewport has no layout and only an estimated height.
  for (const section of document.querySelectorAll(".menu-section")) section.style.contentVisibility = "visible";
  const lines = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { data, parentElement: parent } = walker.currentNode;
    if (!data.trim() || !parent.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
    if (parent.closest(".visually-hidden, .skip-link, script, noscript, .cart-bar, .item-form__foot")) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const paintsGround = getComputedStyle(parent).forcedColorAdjust === "auto";
    const ends = parent.closest(".ticket__note, .ticket__who bdi")?.getBoundingClientRect().bottom ?? Infinity; // by "…"
    for (const box of range.getClientRects()) {
      if (box.bottom <= ends + 1) lines.push({ box, paintsGround, words: data.trim() });
    }
  }
  const problems = [];
  lines.forEach(({ box, words }, at) => {
    for (const later of lines.slice(at + 1)) {
      if (!later.paintsGround || later.words === words) continue;
      const wide = Math.min(box.right, later.box.right) - Math.max(box.left, later.box.left);
      const high = Math.min(box.bottom, later.box.bottom) - Math.max(box.top, later.box.top);
      if (wide > 1 && high > box.height / 4) problems.push(`"${words}" behind "${later.words}"`);
    }
  });
  return [...new Set(problems)];
}
