// Says since when a page is not live, beside the reader's own links, until it is again.
import { wallTime } from "./clock.js";
import { say } from "./say.js";
import { word } from "./words.js";

const mark = document.getElementById("live-state");

document.addEventListener("live:stale", ({ detail }) => {
  mark.textContent = word("stale", wallTime(detail));
  if (mark.hidden) say(mark.textContent);
  mark.hidden = false;
});
document.addEventListener("live:fresh", () => {
  mark.hidden = true;
  say(word("fresh"));
});
