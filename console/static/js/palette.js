// Ctrl+K: everything that can be pressed on the page, and the ways to other pages, found by a few letters.
import { dialog } from "./dialogs.js";
import { isThere } from "./pressing.js";
import { word } from "./words.js";

const MOST = 12;
const PRESSED = "a[href], button, summary";

function choices() {
  const found = new Map();
  for (const it of document.querySelectorAll(PRESSED)) {
    const text = (it.getAttribute("aria-label") ?? it.innerText ?? "").trim().replace(/\s+/g, " ");
    if (text && text.length < 120 && isThere(it) && !found.has(text)) found.set(text, it);
  }
  return [...found].map(([text, it]) => ({ text, go: () => (it.matches("summary") ? open(it) : it.click()) }));
}

function open(summary) {
  summary.parentElement.open = true;
  summary.focus();
}

function matching(all, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = all.filter(({ text }) => words.every((each) => text.toLowerCase().includes(each)));
  found.sort((one, other) => rank(one.text, words) - rank(other.text, words));
  const rest = [];
  const number = typed.trim().toUpperCase();
  if (/^[A-Z]{2,6}-\d{3,}-[A-Z0-9]{4,8}$/.test(number)) {
    rest.push({ text: word("openCase", number), go: () => location.assign(`/cases/${number}`) });
  }
  const search = { text: word("searchFor", typed.trim()), go: () => location.assign(`/search?q=${encodeURIComponent(typed.trim())}`) };
  return [...rest, ...found.slice(0, MOST), ...(typed.trim() ? [search] : [])];
}

function rank(text, [first = ""]) {
  return text.toLowerCase().startsWith(first) ? 0 : 1;
}

export function palette() {
  if (document.querySelector("dialog[open]")) return;
  const all = choices();
  const input = document.createElement("input");
  const list = document.createElement("ul");
  Object.assign(input, { id: "palette-input", type: "text", autocomplete: "off" });
  for (const [name, value] of Object.entries({
    role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-label": word("palette"),
  })) input.setAttribute(name, value);
  list.id = "palette-list";
  list.className = "plain palette";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", word("palette"));
  const made = dialog("palette", word("palette"), input, list);
  let shown = [];
  let at = 0;

  function draw() {
    shown = matching(all, input.value);
    at = Math.min(at, Math.max(0, shown.length - 1));
    list.replaceChildren(...shown.map(({ text }, place) => {
      const option = document.createElement("li");
      option.id = `palette-${place}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", place === at);
      option.textContent = text;
      option.addEventListener("click", () => take(place));
      return option;
    }));
    if (shown.length) input.setAttribute("aria-activedescendant", `palette-${at}`);
    else input.removeAttribute("aria-activedescendant");
    list.children[at]?.scrollIntoView({ block: "nearest" });
  }

  function take(place) {
    const chosen = shown[place];
    made.close();
    // After the dialog has given the focus back, so that what is pressed may take it.
    if (chosen) setTimeout(chosen.go);
  }

  input.addEventListener("input", () => {
    at = 0;
    draw();
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      at = (at + step + shown.length) % Math.max(1, shown.length);
      draw();
    } else if (event.key === "Enter") take(at);
    else return;
    event.preventDefault();
  });
  draw();
  input.focus();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette();
  }
});
for (const opener of document.querySelectorAll("[data-opens=palette]")) {
  opener.hidden = false;
  opener.addEventListener("click", palette);
}
