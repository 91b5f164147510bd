// The page of a case that is live: its regions are exchanged by their ids. Entries that arrive while somebody reads are said, and
// wait behind a button; nothing scrolls, and what is being written stays.
import { exchange, isTyped } from "./exchange.js";
import { part } from "./part.js";
import { say } from "./say.js";
import { word } from "./words.js";

const page = document.querySelector("#case[data-case]");
const SPOKEN = ["nearing", "overdue"];

if (page) {
  const { case: number } = page.dataset;
  let asking = false;
  let again = false;

  async function refresh(version) {
    if (asking) return (again = true);
    asking = true;
    const found = await part(`/part/cases/${encodeURIComponent(number)}?live=yes`);
    if (found) {
      const before = promises();
      for (const fresh of [...found.children]) {
        const old = fresh.id && document.getElementById(fresh.id);
        if (!old) continue;
        if (fresh.id === "case-timeline") arrive(old, fresh);
        else exchange(old, fresh);
      }
      speak(before, promises());
      if (version) page.dataset.version = version;
    }
    asking = false;
    if (again) {
      again = false;
      refresh();
    }
  }

  // ---- the timeline

  function arrive(old, fresh) {
    const known = new Set([...old.querySelectorAll("[id^=entry-]")].map((it) => it.id));
    const came = [...fresh.querySelectorAll("[id^=entry-]")].filter((it) => !known.has(it.id));
    if (!came.length) {
      if (!isOlder(old)) exchange(old, fresh);
      return;
    }
    // Others' entries wait; what stands there already shows its new state (sent, refused) at once.
    for (const it of fresh.querySelectorAll("li.entry[id]")) {
      const twin = document.getElementById(it.id);
      if (twin && twin.textContent !== it.textContent) exchange(twin, it.cloneNode(true));
    }
    const button = document.getElementById("show-arrived") ?? makeButton(old);
    const text = came.length === 1 ? word("arrivedOne") : word("arrived", came.length);
    if (button.textContent !== text) {
      button.textContent = text;
      say(text);
    }
    button.onclick = () => {
      button.remove();
      if (isTyped(old)) return;
      old.replaceWith(fresh);
      window.htmx?.process(fresh);
      fresh.removeAttribute("hx-swap-oob");
      const first = document.getElementById(came[0].id);
      for (let it = first.closest("details"); it; it = it.parentElement.closest("details")) it.open = true;
      first.setAttribute("tabindex", "-1");
      first.focus();
    };
  }

  function makeButton(timeline) {
    const button = document.createElement("button");
    button.type = "button";
    button.id = "show-arrived";
    button.className = "arrived";
    timeline.before(button);
    return button;
  }

  // Older entries that were asked for are not taken away by a look at the newest.
  function isOlder(timeline) {
    return timeline.querySelectorAll("[id^=entry-]").length > 30;
  }

  // ---- what is said of its promises, once each

  function promises() {
    return [...page.querySelectorAll(".case-head .due[data-state]")];
  }

  function speak(before, now) {
    now.forEach((it, place) => {
      const { state } = it.dataset;
      if (!SPOKEN.includes(state) || before[place]?.dataset.state === state) return;
      say(`${it.parentElement.textContent.trim().replace(/\s+/g, " ")}`);
    });
  }

  document.addEventListener("live:cases", ({ detail }) => {
    if (detail[number] > Number(page.dataset.version)) refresh(detail[number]);
  });
  document.addEventListener("live:letters", ({ detail }) => number in detail && refresh());
  document.addEventListener("live:all", () => refresh());
  document.addEventListener("due:changed", ({ target }) => page.contains(target) && refresh());
}
