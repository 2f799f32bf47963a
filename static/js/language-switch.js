// Adds the query and the fragment of the current address to the language switch (templates/components/_site_header.html):
// a cached page is the same for everybody and cannot contain them.
for (const link of document.querySelectorAll(".site-header__language")) {
  for (const press of ["pointerdown", "click"]) link.addEventListener(press, () => keepPlace(link));
}

function keepPlace(link) {
  link.search ||= location.search;
  link.hash = location.hash;
}
