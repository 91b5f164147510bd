// How many notices wait, at their link and in the title of the tab: the link says where to ask (`data-count`). Whoever has
// asked for it at /me hears a short tone when there are more of them.
import { fetchPart } from "./part.js";

const EVERY = 5_000;
const address = document.getElementById("notices-link").dataset.count;
const shown = document.getElementById("notices-count");
const title = document.title;
let asked = 0;
let next;
let before;

async function count() {
  next = undefined;
  asked = performance.now();
  const answer = await fetchPart(address);
  if (!answer?.ok) return;
  const found = answer.text.replace(/<[^>]*>/g, "").trim();
  const none = found === "" || found === "0";
  shown.textContent = none ? "" : found;
  shown.hidden = none;
  document.title = none ? title : `(${found}) ${title}`;
  const now = Number.parseInt(found, 10) || 0;
  if (now > before && document.body.dataset.sound === "on") heard();
  before = now;
}

function heard() {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const quiet = context.createGain();
  quiet.gain.value = 0.05;
  tone.frequency.value = 660;
  tone.connect(quiet).connect(context.destination);
  tone.addEventListener("ended", () => context.close());
  tone.start();
  tone.stop(context.currentTime + 0.15);
}

function soon() {
  next ??= setTimeout(count, Math.max(300, asked + EVERY - performance.now()));
}

if (address) {
  document.addEventListener("live:news", soon);
  count();
}
