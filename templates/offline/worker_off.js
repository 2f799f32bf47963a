// OFFLINE_MENU=off: unregisters the service worker of each device that visits, and deletes its caches.
self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(remove()));

async function remove() {
  try {
    const names = await caches.keys();
    await Promise.all(names.map((name) => caches.delete(name)));
  } catch {} // storage is forbidden: nothing was cached
  await self.registration.unregister();
}
