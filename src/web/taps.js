
// A tap counts once, and is not lost: it has a name of its own, and what found no way out is kept on the phone and
// sent when there is one. Longer than an hour ago the world was another one: then its owner is told, and looks.
const KEPT = "careloop_taps", FOR = 36e5, WITHIN = 15000;
// Where a browser keeps nothing, the page does, as long as it is open.
let isSending = false, inHand = [];
const kept = () => { try { return JSON.parse(localStorage.getItem(KEPT)) || inHand; } catch { return inHand; } };
function keep(taps) {
  inHand = taps;
  try { localStorage.setItem(KEPT, JSON.stringify(taps)); } catch { /* it is in hand */ }
  banner("kept", taps.length > 0);
}
const name = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

// The answer, or null where nobody knows whether it arrived.
async function send(tap) {
  try {
    const body = new URLSearchParams(tap.body);
    // It goes out also if its owner goes on to another page at once.
    const answer = await fetch(tap.to, { method: "POST", body, keepalive: true, signal: within(WITHIN) });
    return answer.status >= 500 ? null : answer;
  } catch { return null; }
}

async function answered(answer, isKept) {
  if (answer.status === 401) { location.assign("/log-in?back=" + encodeURI(location.pathname)); return; }
  // Another page has another frame, and its own place in the history; whoever is elsewhere meanwhile stays there.
  if (answer.redirected && new URL(answer.url).pathname !== location.pathname) {
    if (isKept) later(0); else location.assign(answer.url);
    return;
  }
  const next = new DOMParser().parseFromString(await answer.text(), "text/html");
  if (answer.redirected) history.replaceState(null, "", answer.url);
  if (next.querySelector("main")) place(next, true);
  scrollTo(0, 0);
}

document.addEventListener("submit", async (event) => {
  const form = event.target, button = event.submitter;
  if (button?.name !== "move" || !form.matches("main form")) return;
  event.preventDefault();
  if (button.hasAttribute("aria-disabled")) return;
  const body = new URLSearchParams(new FormData(form));
  // Younger browsers add the button by themselves, if they are given it.
  body.set(button.name, button.value);
  // Not `disabled`: that would take the focus from whoever came by the keys.
  button.setAttribute("aria-disabled", "true");
  body.set("tap", name());
  const tap = { to: form.getAttribute("action") || location.pathname, body: body.toString(), at: Date.now() };
  const answer = kept().length ? null : await send(tap);
  if (answer) { await answered(answer); } else { keep([...kept(), tap]); button.classList.add("kept"); }
  button.removeAttribute("aria-disabled");
});

async function sendKept() {
  if (isSending) return;
  isSending = true;
  try {
    for (let [tap, ...rest] = kept(); tap; [tap, ...rest] = kept()) {
      const isOld = Date.now() - tap.at > FOR;
      const answer = isOld ? undefined : await send(tap);
      if (answer === null) return;
      // What was added meanwhile stays.
      keep(kept().slice(1));
      if (isOld) banner("stale", true); else await answered(answer, true);
    }
  } finally { isSending = false; }
}
addEventListener("online", sendKept);
setInterval(sendKept, 10000);
keep(kept());
