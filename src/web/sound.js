
// The bursts of IEC 60601-1-8: ten pulses for urgent, three for serious, again and again as long as nobody has it.
// A page may sound once somebody touched it, an iPhone's only while it is seen: where it may not, it says so.
const HIGH = [0, .1, .2, .375, .475], BURSTS = {
  urgent: { at: [...HIGH, ...HIGH.map((t) => t + 1.125)], lasts: .09, every: 5 },
  serious: { at: [0, .35, .7], lasts: .17, every: 15 },
};
let audio = null, next = 0, timer = 0;
const isOn = () => { try { return localStorage.getItem("careloop_sound") === "on"; } catch { return false; } };
const rings = () => audio?.state === "running";
// By a touch or a key, or nothing sounds.
function wake() {
  // An iPhone that is switched to silent plays what somebody listens to, and nothing else.
  if (navigator.audioSession) navigator.audioSession.type = "playback";
  if (!audio) { audio = new AudioContext(); audio.onstatechange = sound; }
  // It never answers where it must not sound yet.
  audio.resume().catch(() => {});
  sound();
}
function burst({ at, lasts }) {
  for (const start of at) {
    const t = audio.currentTime + .05 + start, gain = audio.createGain();
    gain.connect(audio.destination);
    gain.gain.setValueAtTime(0, t);
    gain.gain.linearRampToValueAtTime(.25, t + .015);
    gain.gain.setValueAtTime(.25, t + lasts - .02);
    gain.gain.linearRampToValueAtTime(0, t + lasts);
    // The tone and four of its overtones.
    for (const [n, part] of [[1, 1], [2, .6], [3, .5], [4, .4], [5, .3]]) {
      const tone = audio.createOscillator(), level = audio.createGain();
      tone.frequency.value = 523 * n;
      level.gain.value = part / 2.8;
      tone.connect(level).connect(gain);
      tone.start(t); tone.stop(t + lasts);
    }
  }
}
function sound() {
  const button = document.getElementById("sound");
  const waits = isOn() && !rings();
  if (button) {
    button.hidden = !("AudioContext" in window);
    button.setAttribute("aria-pressed", isOn());
    button.classList.toggle("waits", waits);
    button.textContent = waits ? button.dataset.waits : button.dataset.word;
  }
  const silent = document.getElementById("silent");
  if (silent) silent.hidden = !waits;
  clearTimeout(timer);
  const level = ["urgent", "serious"].find((l) => document.querySelector(`main .${l}[data-calls]`));
  if (!level || !isOn() || !rings()) return;
  const wait = next - performance.now();
  if (wait <= 0) { burst(BURSTS[level]); next = performance.now() + BURSTS[level].every * 1000; }
  timer = setTimeout(sound, Math.max(wait, 0) + 500);
}
for (const touch of ["pointerdown", "touchend", "click", "keydown"]) {
  document.addEventListener(touch, (event) => { if (isOn() && !rings() && event.target.id !== "sound") wake(); });
}
document.addEventListener("click", (event) => {
  if (event.target.id !== "sound") return;
  // Whoever is told to tap for the sound does not turn it off by that.
  if (!isOn() || rings()) localStorage.setItem("careloop_sound", isOn() ? "off" : "on");
  if (isOn()) { wake(); burst(BURSTS.serious); }
  sound();
});
// Some desks are allowed to sound untouched.
if (isOn()) wake();
sound();
