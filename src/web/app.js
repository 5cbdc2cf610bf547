// Keeps the page as it would be if it were loaded now: the server says what changed, and the same
// page is fetched again and put in place. Without this script the page works, and stands still.
const banner = (id, show) => { document.getElementById(id).hidden = !show; };
const main = () => document.querySelector("main");
// The page may be as it was: it says so, and looks it.
const broken = (is) => { banner("broken", is); document.body.classList.toggle("broken", is); };
const TRIED_FOR = 15000, OLD_AFTER = 100000, LISTENS_AGAIN = 5000, AWAY = 15000;
const within = (ms) => { const tried = new AbortController(); setTimeout(() => tried.abort(), ms); return tried.signal; };
// One clock stands still while a phone sleeps, the other may be set: whichever says more.
const stamp = () => [performance.now(), Date.now()];
const since = ([p, d]) => Math.max(performance.now() - p, Date.now() - d);
document.documentElement.classList.add("scripts");
let heard = stamp();
let shown = main().innerHTML, made = stamp(), touched = -1000, waiting = 0, due = Infinity, isFetching = false;

// Nobody's half-written words may be lost, and no button may move away from under a finger. A list of choices begins
// with the one that is marked, or else with the first.
const changed = (f) => f.type === "radio" || f.type === "checkbox" ? f.checked !== f.defaultChecked
  : f.options ? f.selectedIndex !== Math.max(0, [...f.options].findIndex((o) => o.defaultSelected)) : f.value !== f.defaultValue;
// What is looked for in a list is carried over, and holds nothing up.
const FIELDS = "main :is(textarea, select, input):not(form[method=get] *)";
const isWriting = () => !!document.activeElement?.matches(FIELDS) || [...document.querySelectorAll(FIELDS)].some(changed);
const sought = () => [...document.querySelectorAll("main form[method=get] :is(select, input):not([type=hidden])")];

// Whoever goes by the keys stays where they are: at the same thing, the same of its like. Where that is gone, no other
// button takes its place, or it would be pressed by mistake: then they are at the heading of its card, or the page's.
const STANDS = "main :is(a, button, summary, input, select, textarea, [tabindex])";
const like = (e) => [e.tagName, e.id, e.name, /^(button|radio|checkbox|submit)$/.test(e.type) && e.value, e.getAttribute("href"),
  e.form?.getAttribute("action"), e.matches("summary") && e.textContent, e.closest("details")?.id].join("\n");
const alike = (word) => [...document.querySelectorAll(STANDS)].filter((e) => like(e) === word);
const cardOf = (e) => e.closest("article")?.querySelector("h2 a")?.getAttribute("href");
function standing() {
  const e = document.activeElement;
  return e?.matches(STANDS) ? { word: like(e), nth: alike(like(e)).indexOf(e), card: cardOf(e) } : null;
}
function stand(was) {
  if (!was || document.activeElement?.matches(STANDS)) return;
  const heading = () => {
    const card = was.card && [...document.querySelectorAll("main article h2 a")].find((a) => a.getAttribute("href") === was.card);
    const h = card || main().querySelector("h1") || main();
    if (h !== card) h.tabIndex = -1;
    return h;
  };
  (alike(was.word)[was.nth] || heading()).focus({ preventScroll: true });
}

const isTouched = () => performance.now() - touched < 800;
async function refresh() {
  if (isFetching) { later(300); return; }
  if (isTouched()) { later(800); return; }
  isFetching = true;
  try {
    const answer = await fetch(location.pathname + location.search,
      { headers: { Accept: "text/html" }, signal: within(TRIED_FOR) });
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    // What answers a form is shown once: there is nothing newer.
    if (answer.status === 405) { heard = stamp(); return; }
    if (!answer.ok || !next.querySelector("main")) throw answer;
    // Whoever is not let in any more is to see that, and not a log-in where the list was.
    if (answer.redirected && !isWriting()) { location.assign(answer.url); return; }
    heard = stamp();
    if (live.readyState === EventSource.OPEN) broken(false);
    // While this was on its way a finger came down: its button must not be another one when it goes up.
    if (isTouched()) { later(800); return; }
    place(next, false);
  } catch { broken(true); } finally { isFetching = false; }
}

// `answered`: it is the answer to a tap, and takes the place of what was written.
function place(next, answered) {
  const html = next.querySelector("main").innerHTML;
  const stable = (text) => text.replace(/data-left="\d+"/g, "").replace(/<time[^>]*>[^<]*/g, "");
  banner("newer", !answered && isWriting() && stable(html) !== stable(shown));
  if (!answered && isWriting()) return;
  const folds = [...document.querySelectorAll("main details")].filter((d) => d.open !== d.made).map((d) => [d.id, d.open]);
  const was = standing();
  shown = html; made = stamp();
  const seeks = sought().map((f) => [f.name, f.value, f.checked, f === document.activeElement]);
  // What was said to whoever looks stays, until they do something else.
  const said = document.querySelectorAll("main > .refused, main > blockquote");
  main().innerHTML = html;
  if (!answered) main().prepend(...said);
  document.title = next.title;
  remember();
  for (const [id, isOpen] of folds) { const d = document.getElementById(id); if (d) d.open = isOpen; }
  for (const [name, value, checked, isHere] of answered ? [] : seeks) {
    const field = sought().find((f) => f.name === name);
    if (!field) continue;
    field.value = value; field.checked = checked;
    if (isHere) field.focus({ preventScroll: true });
  }
  stand(was);
  tick();
  sound();
  again();
}

// What nobody folded is as the page has it: who has arrived is asked how it ended.
function remember() { for (const d of document.querySelectorAll("main details")) d.made = d.open; }
remember();

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
  if (OLD_AFTER < since(heard)) broken(true);
  for (const time of document.querySelectorAll("main time[data-left]")) {
    const left = time.dataset.left - since(made);
    if (left >= 864e5) continue;
    const s = Math.max(0, Math.floor(left / 1000)), two = (n) => String(n).padStart(2, "0");
    const h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    time.textContent = h ? `${h}:${two(m)}:${two(s % 60)}` : `${m}:${two(s % 60)}`;
    time.classList.toggle("soon", left < 60000);
  }
}

let live = null, relisten = 0;
function listen() {
  clearTimeout(relisten);
  live?.close();
  live = new EventSource("/live");
  live.addEventListener("open", () => { broken(false); sendKept(); later(50); });
  live.addEventListener("error", () => {
    broken(true);
    // A browser gives up for good when the answer is an error, Firefox also when there is no network. The page stays,
    // with what is written in it, and tries again; who is not let in any more is told by what it fetches.
    if (live.readyState === EventSource.CLOSED) { clearTimeout(relisten); relisten = setTimeout(() => { listen(); later(0); }, LISTENS_AGAIN); }
  });
  live.addEventListener("incident", () => later(100));
  live.addEventListener("reload", () => later(100));
}
listen();
// Cold fingers press long.
document.addEventListener("pointerdown", () => { touched = performance.now() + 2000; });
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => { touched = performance.now(); });
// Whoever writes what they look for, in Chinese a while for each word, is not interrupted.
document.addEventListener("keydown", (event) => {
  touched = performance.now() + (event.target.matches("form[method=get] *") ? 4000 : 0);
});
document.addEventListener("focusout", () => later(400));
// A phone stops pages that nobody sees, and may leave them a line that is dead and does not know it.
let left = stamp();
function back() {
  if (document.hidden) { left = stamp(); return; }
  tick();
  if (AWAY < since(left)) listen();
  later(100);
}
document.addEventListener("visibilitychange", back);
addEventListener("pageshow", (event) => { if (event.persisted) { listen(); later(0); } });
// Where somebody waits for what arrives, as at a test, the page looks again by itself.
function again() { const asks = document.querySelector("main [data-again]"); if (asks) later(+asks.dataset.again); }
setInterval(tick, 1000);
again();
setInterval(() => later(0), 60000);
