// The page of a case that is live: its regions are exchanged by their ids. Entries that arrive while somebody reads are said, and
// wait behind a button; nothing scrolls, and what is being written stays.
import { exchange, keepPlace } from "./exchange.js";
import { part } from "./part.js";
import { say } from "./say.js";
import { word } from "./words.js";

const page = document.querySelector("#case[data-case]");
const SPOKEN = ["nearing", "overdue"];
const ENTRY = "[id^=entry-]";
const ONCE_MORE = 5_000; // milliseconds until a question that nobody has answered is asked again

if (page) {
  const { case: number } = page.dataset;
  const address = `/part/cases/${encodeURIComponent(number)}`;
  let asking = false;
  let again = false;
  let waiting = null; // entries that have come, and the id of the last of them

  async function refresh(version) {
    if (asking) return (again = true);
    asking = true;
    await ownDeeds();
    let until = last()?.value;
    let found = await part(`${address}?live=yes&last=${until ?? ""}`);
    await ownDeeds();
    if (until !== last()?.value) {
      until = last()?.value; // a deed has brought along what was asked for
      found = await part(`${address}?live=yes&last=${until ?? ""}`);
    }
    if (found) {
      const before = promises();
      keepPlace(() => {
        for (const fresh of [...found.children]) {
          const old = fresh.id && document.getElementById(fresh.id);
          if (old && old.id !== "last-entry" && old.id !== "case-timeline") exchange(old, fresh);
        }
        arrive(found);
      });
      document.dispatchEvent(new Event("case:fresh"));
      speak(before, promises());
      if (version) page.dataset.version = version;
    }
    if (found === undefined) setTimeout(() => refresh(version), ONCE_MORE);
    asking = false;
    if (again) {
      again = false;
      refresh();
    }
  }

  // What the reader is doing themselves comes first: the answer to it is put where their form stands.
  async function ownDeeds() {
    while (page.querySelector("form.htmx-request, button.htmx-request")) await new Promise((go) => setTimeout(go, 100));
  }

  const last = () => document.getElementById("last-entry");

  // ---- what has come, and waits to be shown

  function arrive(found) {
    const came = found.querySelector("[hx-swap-oob$=':#entries']");
    if (!came) return whole(found.querySelector("#case-timeline"));
    const count = came.querySelectorAll(ENTRY).length;
    waiting = count ? { came, last: found.querySelector("#last-entry")?.value } : null;
    announce(count, insert);
  }

  function insert() {
    const { came, last: until } = waiting;
    const list = document.getElementById("entries");
    for (const it of came.querySelectorAll(ENTRY)) if (document.getElementById(it.id)) it.remove();
    const first = came.querySelector(ENTRY)?.id;
    const where = came.getAttribute("hx-swap-oob").startsWith("beforeend") ? "append" : "prepend";
    const pieces = [...came.children];
    list[where](...pieces);
    for (const piece of pieces) window.htmx.process(piece);
    if (last() && until) last().value = until;
    return first;
  }

  // So much has come that the newest entries take the place of those that are there.
  function whole(fresh) {
    if (!fresh) return;
    const known = new Set([...page.querySelectorAll(ENTRY)].map((it) => it.id));
    const came = [...fresh.querySelectorAll(ENTRY)].filter((it) => !known.has(it.id));
    announce(came.length, () => {
      exchange(document.getElementById("case-timeline"), fresh);
      return came[0]?.id;
    });
  }

  function announce(count, show) {
    let button = document.getElementById("show-arrived");
    if (!count) return button?.remove();
    // Where nothing stood nobody reads: a case that was opened while its page was on its way.
    if (!page.querySelector(ENTRY)) return reveal(show);
    button ??= makeButton();
    const text = count === 1 ? word("arrivedOne") : word("arrived", count);
    if (button.textContent !== text) {
      button.textContent = text;
      say(text);
    }
    button.onclick = () => {
      button.remove();
      lead(reveal(show));
    };
  }

  function reveal(show) {
    const first = show();
    waiting = null;
    part(address); // now it is read
    return first;
  }

  function makeButton() {
    const button = document.createElement("button");
    button.type = "button";
    button.id = "show-arrived";
    button.className = "arrived";
    document.getElementById("case-timeline").before(button);
    return button;
  }

  function lead(id) {
    const entry = id && document.getElementById(id);
    if (!entry) return;
    for (let it = entry.closest("details"); it; it = it.parentElement.closest("details")) it.open = true;
    entry.setAttribute("tabindex", "-1");
    entry.focus();
  }

  // A deed of one's own has brought them along.
  document.addEventListener("htmx:oobAfterSwap", () => {
    const ids = waiting ? [...waiting.came.querySelectorAll(ENTRY)].map((it) => it.id) : [];
    if (ids.length && ids.every((id) => document.getElementById(id))) announce(0);
  });

  // ---- what is said of its promises, once each

  function promises() {
    return new Map([...page.querySelectorAll(".case-head .due[data-promise]")].map((it) => [it.dataset.promise, it]));
  }

  function speak(before, now) {
    const turned = [...now.values()].filter(
      ({ dataset: { promise, state } }) => SPOKEN.includes(state) && before.get(promise)?.dataset.state !== state,
    );
    if (turned.length) say(turned.map((it) => it.parentElement.textContent.trim().replace(/\s+/g, " ")).join(". "));
  }

  document.addEventListener("live:cases", ({ detail }) => {
    if (detail[number] > Number(page.dataset.version)) refresh(detail[number]);
  });
  document.addEventListener("live:letters", ({ detail }) => number in detail && refresh());
  document.addEventListener("live:all", () => refresh());
  document.addEventListener("due:changed", ({ target }) => page.contains(target) && refresh());
}
