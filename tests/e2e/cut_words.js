// Returns the texts that extend beyond the viewport, or are clipped by a box with hidden overflow.
() => {
  const problems = [];
  const wide = document.documentElement.clientWidth;
  const { scrollWidth } = document.scrollingElement;
  if (scrollWidth > wide) problems.push(`${scrollWidth} px to scroll`);
  // A ticket truncates a long note or name with "…"; its link "More" leads to the full text.
  const meant = ".visually-hidden, .skip-link, [aria-hidden=true], option, script, svg *, .ticket .ticket__note, .ticket__who bdi";
  const isMeantToHide = (one) => one.matches(meant);
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (!text.data.trim() || !text.parentElement.checkVisibility()) continue;
    const around = [];
    for (let one = text.parentElement; one; one = one.parentElement) around.push(one);
    if (around.some(isMeantToHide)) continue;
    if (around.some((one) => ["auto", "scroll"].includes(getComputedStyle(one).overflowX))) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const box of range.getClientRects()) {
      const cutter = around.find((one) => {
        const { overflowX, overflowY } = getComputedStyle(one);
        const bounds = one.getBoundingClientRect();
        const isOverX = box.right > bounds.right + 2 || box.left < bounds.left - 2;
        const isOverY = box.bottom > bounds.bottom + 4 || box.top < bounds.top - 4;
        const hides = (overflow) => ["hidden", "clip"].includes(overflow);
        return (hides(overflowX) && isOverX) || (hides(overflowY) && isOverY);
      });
      if (box.right > wide + 1 || box.left < -1) problems.push(`sticks out: ${text.data.trim()}`);
      if (cutter) problems.push(`cut by ${cutter.className || cutter.tagName}: ${text.data.trim()}`);
    }
  }
  return [...new Set(problems)];
}
