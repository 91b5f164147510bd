// Single keys as shortcuts, by the character typed, so that `/` and `?` are where a keyboard has them; which character does what is
// each person's own (shortcuts.js). They press what stands in the page, for which there is a button or a link each; those that
// would change something open a choice. Off while somebody types, and for whoever has switched them off (WCAG 2.2, 2.1.4).
import { help } from "./key_help.js";
import { openChoice, press } from "./pressing.js";
import { AFTER_GO, doesOf } from "./shortcuts.js";

const PATIENCE = 1_500; // milliseconds for the second key of two

// Where each leads: the first of these that stands in the page.
export const PRESSES = {
  reply: "[data-does=reply], #write-reply",
  note: "[data-does=note], #write-note",
  assign: "[data-does=assign], #do-assign",
  priority: "[data-does=priority], #field-priority",
  status: "[data-does=status], #field-status_reason",
  resolve: "[data-does=resolve], #do-resolve",
  "next-stage": "[data-does=next-stage], #do-process-next",
  unread: "[data-does=unread], #do-unread",
  undo: "[data-does=undo], [data-undo]",
};
const BULK = { assign: "assign", priority: "change", resolve: "resolve", status: null };

let goAt = -PATIENCE;

export function isTyping(target) {
  return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
}

document.addEventListener("keydown", (event) => {
  // AltGr types a character on many keyboards, and is no command.
  const commands = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph");
  if (document.body.dataset.keys !== "on" || commands || event.isComposing) return;
  if (event.defaultPrevented || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (act(event.key, event.target)) event.preventDefault();
});

function act(key, target) {
  const second = performance.now() - goAt < PATIENCE;
  goAt = -PATIENCE;
  const does = doesOf(key, second);
  if (second) {
    if (does) location.assign(AFTER_GO[does]);
    return Boolean(does);
  }
  if (does === "go") goAt = performance.now();
  if (does === "go") return true;
  if (does === "help") return help();
  if (does === "search") return press("#find");
  return onRows(key === "Enter" ? "open" : does, target) || (does in PRESSES && press(PRESSES[does]));
}

// ---- the list, and the row that is marked in it

function rows() {
  return [...document.querySelectorAll("[data-live-rows] tr[data-case]")];
}

function marked() {
  return rows().find((row) => row.classList.contains("marked"));
}

function onRows(does, target) {
  const all = rows();
  if (!all.length) return false;
  const here = marked();
  switch (does) {
    case "next-row":
    case "row-before": {
      const at = all.indexOf(here);
      mark(here ? all[at + (does === "next-row" ? 1 : -1)] : all[0]);
      return true;
    }
    case "open":
      if (!here || target.matches("a, button, input, summary")) return false;
      here.querySelector("a[href]").click();
      return true;
    case "select":
      here?.querySelector("input[type=checkbox]")?.click();
      return Boolean(here);
    case "reply":
    case "note":
    case "next-stage":
      if (!here) return false;
      location.assign(placeOf(here.querySelector("a[href]"), does));
      return true;
    case "unread": {
      const button = here?.querySelector("[data-does=unread]");
      button?.click();
      return Boolean(button);
    }
    default:
      return does in BULK && Boolean(here) && choose(here, BULK[does]);
  }
}

// The place on the page of the case at which the same key leads there.
function placeOf(link, does) {
  const address = new URL(link.href);
  if (does !== "next-stage") address.searchParams.set("write", does);
  address.hash = does === "next-stage" ? "case-process" : "composer";
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
