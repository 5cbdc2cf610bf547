
// Where the browser can, this phone is told although the page is closed.
document.documentElement.classList.toggle("pushed", "PushManager" in window && "Notification" in window);
if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
document.addEventListener("click", async (event) => {
  const button = event.target;
  if (button.id !== "push") return;
  event.preventDefault();
  try {
    if (await Notification.requestPermission() !== "granted") throw new Error("refused");
    const worker = await navigator.serviceWorker.ready;
    const key = Uint8Array.from(atob(button.dataset.key.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
    const given = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    button.form.elements.to.value = JSON.stringify(given);
    button.form.submit();
  } catch { document.getElementById("no-push").hidden = false; }
});
