// Marks the category that is being read in the category bar (data-category-bar), and scrolls its name into view there.
const bar = document.querySelector("[data-category-bar]");
if (bar && "IntersectionObserver" in window) {
  const links = new Map([...bar.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const scroller = bar.firstElementChild;
  const watcher = new IntersectionObserver(
    (entries) => {
      const seen = entries.find((entry) => entry.isIntersecting);
      if (!seen) return;
      for (const [slug, link] of links) {
        if (slug === seen.target.id) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      }
      const link = links.get(seen.target.id);
      scroller.scrollTo({ left: link.offsetLeft - scroller.clientWidth / 2 + link.clientWidth / 2 });
    },
    { rootMargin: "-20% 0px -75% 0px" },
  );
  for (const section of document.querySelectorAll("[data-category]")) watcher.observe(section);
}

addEventListener("load", () => setTimeout(() => document.documentElement.classList.add("is-loaded")));
