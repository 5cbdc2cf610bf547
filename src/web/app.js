// Keeps the page as it would be if it were loaded now: the server says what changed, and the same
// page is fetched again and put in place. Without this script the page works, and stands still.
const banner = (id, show) => { document.getElementById(id).hidden = !show; };
const main = () => document.querySelector("main");
let shown = main().innerHTML, made = performance.now(), touched = -1000, waiting = 0, isFetching = false;

// Nobody's half-written words may be lost, and no button may move away from under a finger.
const changed = (f) => f.type === "radio" || f.type === "checkbox" ? f.checked !== f.defaultChecked
  : f.options ? [...f.options].some((o) => o.selected && !o.defaultSelected && o.value) : f.value !== f.defaultValue;
const isField = (f) => f && f.matches("main :is(textarea, select, input)");
const isWriting = () => isField(document.activeElement)
  || [...document.querySelectorAll("main :is(textarea, select, input)")].some(changed);

async function refresh() {
  if (isFetching) { later(300); return; }
  if (performance.now() - touched < 800) { later(800); return; }
  isFetching = true;
  try {
    const answer = await fetch(location.pathname + location.search, { headers: { Accept: "text/html" } });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (answer.ok && next.querySelector("main")) place(next, false);
  } catch { banner("broken", true); } finally { isFetching = false; }
}

// `answered`: it is the answer to a tap, and takes the place of what was written.
function place(next, answered) {
  const html = next.querySelector("main").innerHTML;
  const stable = (text) => text.replace(/data-left="\d+"/g, "").replace(/<time[^>]*>[^<]*/g, "");
  banner("newer", !answered && isWriting() && stable(html) !== stable(shown));
  if (!answered && isWriting()) return;
  const open = [...document.querySelectorAll("main details")].map((d) => [d.id, d.open]);
  const focus = document.activeElement?.closest("main [name]")?.value;
  shown = html; made = performance.now();
  const said = main().querySelectorAll(".refused, blockquote");
  main().innerHTML = html;
  if (!answered) main().prepend(...said);
  document.title = next.title;
  for (const [id, isOpen] of open) { const d = document.getElementById(id); if (d) d.open = isOpen; }
  if (focus) [...document.querySelectorAll("main button")].find((b) => b.value === focus)?.focus({ preventScroll: true });
  tick();
  sound();
  again();
}

function later(ms) { clearTimeout(waiting); waiting = setTimeout(refresh, ms); }

function tick() {
  for (const time of document.querySelectorAll("main time[data-left]")) {
    const left = time.dataset.left - (performance.now() - made);
    if (left >= 864e5) continue;
    const s = Math.max(0, Math.floor(left / 1000)), two = (n) => String(n).padStart(2, "0");
    const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    time.textContent = h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
    time.classList.toggle("soon", left < 60000);
  }
}

const live = new EventSource("/live");
live.addEventListener("open", () => { banner("broken", false); sendKept(); later(50); });
live.addEventListener("error", () => {
  banner("broken", true);
  // A browser gives up for good when the answer is an error; then the page itself tries again.
  if (live.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 15000);
});
live.addEventListener("incident", () => later(100));
live.addEventListener("reload", () => later(100));
document.addEventListener("pointerdown", () => { touched = performance.now(); });
document.addEventListener("focusout", () => later(400));
document.addEventListener("visibilitychange", () => { if (!document.hidden) later(100); });
// Where somebody waits for what arrives, as at a test, the page looks again by itself.
function again() { const asks = document.querySelector("main [data-again]"); if (asks) later(+asks.dataset.again); }
setInterval(tick, 1000);
again();
setInterval(() => later(0), 60000);
