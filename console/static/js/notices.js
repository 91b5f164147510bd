// How many notices wait, at their link and in the title of the tab: the link says where to ask (`data-count`).
import { fetchPart } from "./part.js";

const EVERY = 5_000;
const address = document.getElementById("notices-link").dataset.count;
const shown = document.getElementById("notices-count");
const title = document.title;
let asked = 0;
let next;

async function count() {
  next = undefined;
  asked = performance.now();
  const answer = await fetchPart(address);
  if (!answer?.ok) return;
  const found = (await answer.text()).replace(/<[^>]*>/g, "").trim();
  const none = found === "" || found === "0";
  shown.textContent = none ? "" : found;
  shown.hidden = none;
  document.title = none ? title : `(${found}) ${title}`;
}

function soon() {
  next ??= setTimeout(count, Math.max(300, asked + EVERY - performance.now()));
}

if (address) {
  document.addEventListener("live:news", soon);
  count();
}
