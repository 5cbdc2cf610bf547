// Shows what is pushed, and says so when there is no connection. It keeps no page: what is known of a home does not
// stay on a phone.
const OFFLINE = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>careloop</title><style>body{font:1.25rem/1.5 system-ui,sans-serif;padding:2rem 1rem;text-align:center}a{display:block;padding:1rem;border:1px solid;border-radius:.5rem;color:inherit}</style>
<h1>无网络连接<br>No connection</h1><p>已保留的操作会在恢复后自动发送。<br>Taps that were kept go out as soon as there is one.</p><p><a href="">重试 / Try again</a>`;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));
self.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate" || event.request.method !== "GET") return;
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  event.respondWith(fetch(event.request).catch(() => new Response(OFFLINE, { status: 503, headers })));
});
self.addEventListener("push", (event) => {
  const said = event.data?.json() ?? {};
  const urgent = said.level === "urgent" || said.level === "serious";
  event.waitUntil(self.registration.showNotification(said.title ?? "careloop", {
    body: said.body, tag: said.incident, renotify: !!said.incident, requireInteraction: urgent,
    vibrate: urgent ? [300, 100, 300, 100, 300, 400, 300, 100, 300] : [200], icon: "/icon.png",
    data: said.incident ? `/incidents/${encodeURIComponent(said.incident)}` : "/",
  }));
});
self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil((async () => {
    const to = new URL(event.notification.data, self.location.origin).href;
    const pages = await self.clients.matchAll({ type: "window" });
    const page = pages.find((p) => p.url === to) ?? pages[0];
    if (page?.navigate) { await page.navigate(to).catch(() => {}); return page.focus(); }
    return self.clients.openWindow(to);
  })());
});
