// Keeps the page as it would be if it were loaded now: the server says what changed, and the same
// page is fetched again and put in place. Without this script the page works, and stands still.
const banner = (id, show) => { document.getElementById(id).hidden = !show; };
const main = () => document.querySelector("main");
// The page may be as it was: it says so, and looks it.
const broken = (is) => { banner("broken", is); document.body.classList.toggle("broken", is); };
const TRIED_FOR = 15000, OLD_AFTER = 100000;
let heard = performance.now();
let shown = main().innerHTML, made = performance.now(), touched = -1000, waiting = 0, due = Infinity, isFetching = false;

// Nobody's half-written words may be lost, and no button may move away from under a finger.
const changed = (f) => f.type === "radio" || f.type === "checkbox" ? f.checked !== f.defaultChecked
  : f.options ? [...f.options].some((o) => o.selected && !o.defaultSelected && o.value) : f.value !== f.defaultValue;
// What is looked for in a list is carried over, and holds nothing up.
const FIELDS = "main :is(textarea, select, input):not(form[method=get] *)";
const isWriting = () => !!document.activeElement?.matches(FIELDS) || [...document.querySelectorAll(FIELDS)].some(changed);
const sought = () => [...document.querySelectorAll("main form[method=get] :is(select, input):not([type=hidden])")];

async function refresh() {
  if (isFetching) { later(300); return; }
  if (performance.now() - touched < 800) { later(800); return; }
  isFetching = true;
  try {
    const answer = await fetch(location.pathname + location.search,
      { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(TRIED_FOR) });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    // What answers a form is shown once: there is nothing newer.
    if (answer.status === 405) { heard = performance.now(); return; }
    if (!answer.ok || !next.querySelector("main")) throw answer;
    // Whoever is not let in any more is to see that, and not a log-in where the list was.
    if (answer.redirected && !isWriting()) { location.assign(answer.url); return; }
    heard = performance.now();
    if (live.readyState === EventSource.OPEN) broken(false);
    place(next, false);
  } catch { broken(true); } finally { isFetching = false; }
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
  const seeks = sought().map((f) => [f.name, f.value, f.checked, f === document.activeElement]);
  const said = main().querySelectorAll(".refused, blockquote");
  main().innerHTML = html;
  if (!answered) main().prepend(...said);
  document.title = next.title;
  for (const [id, isOpen] of open) { const d = document.getElementById(id); if (d) d.open = isOpen; }
  for (const [name, value, checked, isHere] of answered ? [] : seeks) {
    const field = sought().find((f) => f.name === name);
    if (!field) continue;
    field.value = value; field.checked = checked;
    if (isHere) field.focus({ preventScroll: true });
  }
  if (focus) [...document.querySelectorAll("main button")].find((b) => b.value === focus)?.focus({ preventScroll: true });
  tick();
  sound();
  again();
}

// What is due sooner stands: where something happens all the time, the list must not wait until nothing does.
function later(ms) {
  const at = performance.now() + ms;
  if (due <= at) return;
  clearTimeout(waiting);
  due = at;
  waiting = setTimeout(() => { due = Infinity; refresh(); }, ms);
}

function tick() {
  // A line that is dead says nothing, also not that it is dead.
  if (OLD_AFTER < performance.now() - heard) broken(true);
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
live.addEventListener("open", () => { broken(false); sendKept(); later(50); });
live.addEventListener("error", () => {
  broken(true);
  // A browser gives up for good when the answer is an error; then the page itself tries again.
  if (live.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 15000);
});
live.addEventListener("incident", () => later(100));
live.addEventListener("reload", () => later(100));
document.addEventListener("pointerdown", () => { touched = performance.now(); });
// Whoever writes what they look for, in Chinese a while for each word, is not interrupted.
document.addEventListener("keydown", (event) => {
  if (event.target.matches("form[method=get] *")) touched = performance.now() + 4000;
});
document.addEventListener("focusout", () => later(400));
document.addEventListener("visibilitychange", () => { if (!document.hidden) later(100); });
// Where somebody waits for what arrives, as at a test, the page looks again by itself.
function again() { const asks = document.querySelector("main [data-again]"); if (asks) later(+asks.dataset.again); }
setInterval(tick, 1000);
again();
setInterval(() => later(0), 60000);
