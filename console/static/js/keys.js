// Single letters as shortcuts, by the character typed, so that `/` and `?` are where a keyboard has them. They press what stands in
// the page, for which there is a button or a link each; those that would change something open a choice. Off while somebody
// types, and for whoever has switched them off (WCAG 2.2, 2.1.4).
import { help } from "./key_help.js";
import { openChoice, press } from "./pressing.js";

const GO = { q: "/cases?view=available", m: "/cases?view=mine", d: "/" };
const PATIENCE = 1_500; // milliseconds for the second letter of two

// Where each letter leads: the first of these that stands in the page.
export const PRESSES = {
  r: "[data-key=r], #write-reply",
  c: "[data-key=c], #write-note",
  a: "[data-key=a], #do-assign",
  p: "[data-key=p], #field-priority",
  s: "[data-key=s], #field-status_reason",
  e: "[data-key=e], #do-resolve",
  n: "[data-key=n], #do-process-next",
  u: "[data-key=u], #do-unread",
  z: "[data-key=z], [data-undo]",
};
const BULK = { a: "assign", p: "change", e: "resolve", s: null };

let began = "";
let beganAt = 0;

export function isTyping(target) {
  return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
}

document.addEventListener("keydown", (event) => {
  if (document.body.dataset.keys !== "on" || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (act(key, event.target)) event.preventDefault();
});

function act(key, target) {
  if (began === "g" && performance.now() - beganAt < PATIENCE) {
    began = "";
    if (!(key in GO)) return false;
    location.assign(GO[key]);
    return true;
  }
  began = key;
  beganAt = performance.now();
  if (key === "g") return true;
  if (key === "?") return help();
  if (key === "/") return press("#find");
  return onRows(key, target) || (key in PRESSES && press(PRESSES[key]));
}

// ---- the list, and the row that is marked in it

function rows() {
  return [...document.querySelectorAll("[data-live-rows] tr[data-case]")];
}

function marked() {
  return rows().find((row) => row.classList.contains("marked"));
}

function onRows(key, target) {
  const all = rows();
  if (!all.length) return false;
  const here = marked();
  switch (key) {
    case "j":
    case "k": {
      const at = all.indexOf(here);
      mark(here ? all[at + (key === "j" ? 1 : -1)] : all[0]);
      return true;
    }
    case "Enter":
      if (!here || target.matches("a, button, input, summary")) return false;
      here.querySelector("a[href]").click();
      return true;
    case "x":
      here?.querySelector("input[type=checkbox]")?.click();
      return Boolean(here);
    case "r":
    case "c":
    case "n":
      if (!here) return false;
      location.assign(placeOf(here.querySelector("a[href]"), key));
      return true;
    case "u": {
      const button = here?.querySelector("[data-key=u]");
      button?.click();
      return Boolean(button);
    }
    default:
      return key in BULK && Boolean(here) && choose(here, BULK[key]);
  }
}

// The place on the page of the case at which the same key leads there.
function placeOf(link, key) {
  const address = new URL(link.href);
  if (key !== "n") address.searchParams.set("write", key === "r" ? "reply" : "note");
  address.hash = key === "n" ? "case-process" : "composer";
  return address.href;
}

function mark(row) {
  if (!row) return;
  marked()?.classList.remove("marked");
  row.classList.add("marked");
  row.querySelector("a[href]").focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

// What is done with rows begins with the choice of it, for the marked row unless others are ticked.
function choose(row, action) {
  const select = document.getElementById("bulk-action");
  if (!select) return false;
  if (!rows().some((each) => each.querySelector("input[type=checkbox]")?.checked)) {
    row.querySelector("input[type=checkbox]")?.click();
  }
  if (action) select.value = action;
  openChoice(action ? document.getElementById("bulk-go") : select);
  return true;
}

document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.("[data-live-rows] tr[data-case]");
  if (!row || row.classList.contains("marked")) return;
  marked()?.classList.remove("marked");
  row.classList.add("marked");
});
