// Countdowns tick by the server's clock, in working time as the server has reckoned it: it says how long is left, whether that
// runs, and when this next changes; then it is asked again (`due:changed`). One timer for all of a page; nothing is spoken.
import { serverNow } from "./clock.js";

const EVERY = 30_000;
const TICKING = ".due[data-due-left]";
const seen = new WeakMap(); // since when each stands in the page: it was true then
let timer;

function look() {
  clearTimeout(timer);
  const now = serverNow();
  let next = now + EVERY;
  const all = document.querySelectorAll(TICKING);
  for (const due of all) {
    if (!seen.has(due)) seen.set(due, { since: now, asked: false });
    const known = seen.get(due);
    if (due.dataset.runs === "yes") show(due, Number(due.dataset.dueLeft) - Math.floor((now - known.since) / 1000));
    const changes = Date.parse(due.dataset.changesAt ?? "");
    if (Number.isNaN(changes)) continue;
    if (changes > now) next = Math.min(next, changes + 500);
    else if (!known.asked) {
      known.asked = true;
      due.dispatchEvent(new CustomEvent("due:changed", { bubbles: true }));
    }
  }
  if (all.length) timer = setTimeout(look, Math.max(1_000, next - serverNow()));
}

function show(due, left) {
  const place = due.querySelector("[data-due-figures]");
  const shown = due.dataset.state === "overdue" ? -left : left;
  const text = figures(Math.max(0, shown), due.dataset.wholeDays === "yes");
  if (place && place.textContent !== text) place.textContent = text;
}

// As the server writes them.
function figures(seconds, wholeDays) {
  const minutes = Math.floor(seconds / 60);
  if (wholeDays && minutes >= 2_880) return `${Math.floor(minutes / 1_440)} d ${Math.floor((minutes % 1_440) / 60)} h`;
  return minutes >= 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes} min`;
}

look();
// Those that come later are known from the moment in which they come.
new MutationObserver((changes) => {
  const came = changes.some(({ addedNodes }) =>
    [...addedNodes].some((it) => it.nodeType === 1 && (it.matches(TICKING) || it.querySelector(TICKING))),
  );
  if (came) look();
}).observe(document.body, { childList: true, subtree: true });
