// Shares a link's address by the device's share menu, else copies it. If neither works, the link opens its page, where the
// address can be copied from the browser.
for (const link of document.querySelectorAll("[data-share]")) {
  link.addEventListener("click", async (event) => {
    if (!navigator.share && !navigator.clipboard) return;
    event.preventDefault();
    try {
      if (navigator.share) return await navigator.share({ title: link.dataset.title, url: link.href });
      await navigator.clipboard.writeText(link.href);
      document.querySelector("[data-share-said]").textContent = link.dataset.copied;
    } catch (error) {
      if (error.name !== "AbortError") location.assign(link.href);
    }
  });
}
