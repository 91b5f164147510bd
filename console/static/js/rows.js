// A list that is live: the cells of its rows change where they stand, never their order. What is new, or would stand elsewhere, is
// counted at a button (#news).
import { exchange } from "./exchange.js";
import { fetchPart, fragment, part } from "./part.js";

const list = document.querySelector("[data-live-rows]");
const news = document.getElementById("news");
const MOST = 100; // rows of one question
const REST = 1_500; // milliseconds between two questions for rows
const COUNTS_REST = 5_000;
const NEWS_REST = 4_000; // and between two for what is new, which is asked for every change anywhere

if (list || news) {
  const wanted = new Set();
  let timer;
  let newsTimer;
  let asked = 0;
  let newsAsked = 0;

  const rows = () => [...(list?.querySelectorAll("tr[data-case]") ?? [])];

  function soon(numbers) {
    for (const number of numbers) wanted.add(number);
    if (rows().some((row) => wanted.has(row.dataset.case))) timer ??= setTimeout(ask, wait(asked, REST));
    newsTimer ??= setTimeout(tellNews, wait(newsAsked, NEWS_REST));
  }

  function wait(last, rest) {
    return Math.max(150, last + rest - performance.now());
  }

  async function ask() {
    asked = performance.now();
    const shown = rows().map((row) => row.dataset.case);
    const numbers = shown.filter((number) => wanted.has(number)).slice(0, MOST);
    wanted.clear();
    if (numbers.length) await refresh(numbers);
    timer = undefined;
    if (wanted.size) soon([]);
  }

  async function refresh(numbers) {
    const found = await part(`${list.dataset.liveRows}${join(list.dataset.liveRows)}ids=${numbers.join(",")}`);
    if (!found) return;
    for (const number of numbers) {
      const old = document.getElementById(`case-${number}`);
      const fresh = [...found.querySelectorAll("tr[data-case]")].find((row) => row.dataset.case === number);
      if (!old) continue;
      if (!fresh) {
        old.classList.add("gone"); // it is nobody's here any more; it goes with the next look at the whole list
        continue;
      }
      for (const name of ["marked", "gone"]) fresh.classList.toggle(name, name === "marked" && old.classList.contains(name));
      const box = old.querySelector("input[type=checkbox]");
      exchange(old, fresh);
      if (box?.checked) fresh.querySelector("input[type=checkbox]").checked = true;
    }
    list.dispatchEvent(new CustomEvent("rows:fresh", { bubbles: true }));
  }

  async function tellNews() {
    newsAsked = performance.now();
    newsTimer = undefined;
    if (!news) return;
    const shown = rows().map((row) => row.dataset.case).join(",");
    const answer = await fetchPart(`${news.dataset.news}${join(news.dataset.news)}ids=${shown}`);
    if (!answer?.ok) return;
    const fresh = fragment(answer.text);
    if (fresh.textContent.trim() === news.textContent.trim()) return;
    const focused = news.contains(document.activeElement);
    news.replaceChildren(fresh);
    if (focused) (news.querySelector("a, button") ?? list?.querySelector("a"))?.focus({ preventScroll: true });
  }

  const join = (address) => (address.includes("?") ? (/[?&]$/.test(address) ? "" : "&") : "?");

  document.addEventListener("live:cases", ({ detail }) => {
    const shown = new Map(rows().map((row) => [row.dataset.case, Number(row.dataset.version)]));
    // A version that stands there already is no news: it was told while the page was being made.
    const fresh = Object.entries(detail).filter(([number, version]) => !(shown.get(number) >= version));
    if (fresh.length) soon(fresh.map(([number]) => number));
  });
  document.addEventListener("live:all", () => soon(rows().map((row) => row.dataset.case)));
  document.addEventListener("due:changed", ({ target }) => {
    const row = target.closest("tr[data-case]");
    if (row && list?.contains(row)) soon([row.dataset.case]);
  });
}

// Counts beside the list, and whatever else a page wants anew: `data-live-again` holds the part's address.
let later;
for (const name of ["cases", "all"]) {
  document.addEventListener(`live:${name}`, () => (later ??= setTimeout(again, COUNTS_REST)));
}

function again() {
  later = undefined;
  for (const it of document.querySelectorAll("[data-live-again]")) {
    // Whoever is in it by keyboard would lose their place.
    if (it.contains(document.activeElement)) continue;
    window.htmx.ajax("GET", it.dataset.liveAgain, { target: it, swap: "innerHTML" });
  }
}
