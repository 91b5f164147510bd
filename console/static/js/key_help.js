// What keys there are: those that do something on this page, as the person has them.
import { dialog } from "./dialogs.js";
import { PRESSES } from "./keys.js";
import { isThere } from "./pressing.js";
import { AFTER_GO, saysOf, shown } from "./shortcuts.js";
import { word } from "./words.js";

const IN_LISTS = ["next-row", "row-before", "Enter", "select", "reply", "note", "assign", "priority", "resolve"];
const ALWAYS = ["search", ...Object.keys(AFTER_GO), "Ctrl+K", "help", "Esc"];
const FIXED = { Enter: "keyEnter", "Ctrl+K": "keyCtrlK", Esc: "keyEsc" };

export function help() {
  const list = document.createElement("dl");
  list.className = "facts keys";
  const here = Object.keys(PRESSES).filter((does) => [...document.querySelectorAll(PRESSES[does])].some(isThere));
  const rows = document.querySelector("[data-live-rows] tr[data-case]") ? IN_LISTS : [];
  for (const each of new Set([...rows, ...here, ...ALWAYS])) {
    const [term, says] = [document.createElement("dt"), document.createElement("dd")];
    const keys = each in FIXED ? [each] : each in AFTER_GO ? [shown("go"), shown(each)] : [shown(each)];
    term.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key.replace("Ctrl", word("ctrl")) })));
    says.textContent = each in FIXED ? word(FIXED[each]) : saysOf(each);
    list.append(term, says);
  }
  const change = document.createElement("p");
  change.className = "hint";
  change.append(Object.assign(document.createElement("a"), { href: "/me#own-keys", textContent: word("changeKeys") }));
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: word("close") });
  const made = dialog("key-help", word("keys"), list, change, close);
  close.addEventListener("click", () => made.close());
  return true;
}

for (const opener of document.querySelectorAll("[data-opens=key-help]")) {
  opener.hidden = false;
  opener.addEventListener("click", help);
}
