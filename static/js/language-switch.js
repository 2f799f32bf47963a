// The switch of the language keeps the query and the place on the page, also where the page is the same for everybody
// and so cannot name them.
for (const link of document.querySelectorAll(".site-header__language")) {
  for (const press of ["pointerdown", "click"]) link.addEventListener(press, () => keepPlace(link));
}

function keepPlace(link) {
  link.search ||= location.search;
  link.hash = location.hash;
}
