// What keys there are: those that do something on this page.
import { dialog } from "./dialogs.js";
import { PRESSES } from "./keys.js";
import { isThere } from "./pressing.js";
import { word } from "./words.js";

const ALWAYS = ["/", "G Q", "G M", "G D", "Ctrl+K", "?", "Esc"];
const NAMES = {
  "/": "keySearch", "?": "keyHelp", "G Q": "keyGQ", "G M": "keyGM", "G D": "keyGD", "Ctrl+K": "keyCtrlK", Esc: "keyEsc", "J K": "keyJK",
};
const IN_LISTS = ["J K", "Enter", "X"];

export function help() {
  const list = document.createElement("dl");
  list.className = "facts keys";
  const here = Object.keys(PRESSES).filter((key) => [...document.querySelectorAll(PRESSES[key])].some(isThere));
  const rows = document.querySelector("[data-live-rows] tr[data-case]") ? [...IN_LISTS, "R", "C", "A", "P", "E"] : [];
  for (const keys of new Set([...rows, ...here.map((key) => key.toUpperCase()), ...ALWAYS])) {
    const [term, says] = [document.createElement("dt"), document.createElement("dd")];
    term.append(...keys.split(" ").map((each) => Object.assign(document.createElement("kbd"), { textContent: each })));
    says.textContent = word(NAMES[keys] ?? `key${keys}`);
    list.append(term, says);
  }
  const off = document.createElement("p");
  off.className = "hint";
  off.textContent = word("keysOff");
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: word("close") });
  const made = dialog("key-help", word("keys"), list, off, close);
  close.addEventListener("click", () => made.close());
  return true;
}

for (const opener of document.querySelectorAll("[data-opens=key-help]")) {
  opener.hidden = false;
  opener.addEventListener("click", help);
}
