
// The bursts of IEC 60601-1-8: ten pulses for urgent, three for serious, again and again as long as nobody has it.
// A page may sound once somebody touched it.
const HIGH = [0, .1, .2, .375, .475], BURSTS = {
  urgent: { at: [...HIGH, ...HIGH.map((t) => t + 1.125)], lasts: .09, every: 5 },
  serious: { at: [0, .35, .7], lasts: .17, every: 15 },
};
let audio = null, next = 0, timer = 0;
const isOn = () => localStorage.getItem("careloop_sound") === "on";
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
  if (button) { button.setAttribute("aria-pressed", isOn()); button.hidden = !("AudioContext" in window); }
  clearTimeout(timer);
  const level = ["urgent", "serious"].find((l) => document.querySelector(`main .${l}[data-calls]`));
  if (!level || !isOn() || audio?.state !== "running") return;
  const wait = next - performance.now();
  if (wait <= 0) { burst(BURSTS[level]); next = performance.now() + BURSTS[level].every * 1000; }
  timer = setTimeout(sound, Math.max(wait, 0) + 500);
}
document.addEventListener("pointerdown", async () => {
  if (!isOn()) return;
  audio ??= new AudioContext();
  await audio.resume();
  sound();
});
document.addEventListener("click", async (event) => {
  if (event.target.id !== "sound") return;
  localStorage.setItem("careloop_sound", isOn() ? "off" : "on");
  if (isOn()) { audio ??= new AudioContext(); await audio.resume(); burst(BURSTS.serious); }
  sound();
});
sound();
