// Writing on a case: which kind of draft is shown, words put in at the cursor, addresses that are new, and the keys to send.
import { word } from "./words.js";

const form = (element) => element.closest("form[data-write]");

// One kind of draft after the other, in the place of a new page; each keeps what was typed into it.
document.addEventListener("click", (event) => {
  const tab = event.target.closest("[data-kinds] a[data-kind]");
  if (!tab || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  show(tab.dataset.kind, true);
});

export function show(kind, focus) {
  const panel = document.getElementById(`writing-${kind}`);
  if (!panel) return;
  for (const each of panel.parentElement.querySelectorAll(".writing")) each.hidden = each !== panel;
  for (const tab of document.querySelectorAll("[data-kinds] a[data-kind]")) {
    if (tab.dataset.kind === kind) tab.setAttribute("aria-current", "true");
    else tab.removeAttribute("aria-current");
  }
  if (focus) panel.querySelector("[data-text]").focus();
}

// Words at the cursor: what the server would have put at the end.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-puts-in]");
  if (!button) return;
  event.preventDefault();
  const of = form(button);
  const what = button.dataset.putsIn;
  const chosen = of.elements[what].value.trim();
  if (!chosen) return of.elements[what].focus();
  const asked = new URLSearchParams(
    what === "template" ? { template: chosen } : { article: chosen, as: of.elements.article_as.value },
  );
  const answer = await fetch(`${of.dataset.draft.replace(/\/drafts\/.*/, "")}/words?${asked}`).catch(() => null);
  if (!answer || !answer.ok) {
    say(of, `${word("noWords")} ${chosen}`);
    return;
  }
  put(of.querySelector("[data-text]"), await answer.text());
  if (what === "article") {
    const kept = document.createElement("input");
    Object.assign(kept, { type: "hidden", name: "articles", value: answer.headers.get("Article-Number") });
    of.append(kept);
  }
});

export function put(text, words) {
  const { selectionStart: start, selectionEnd: end } = text;
  text.setRangeText(words, start, end, "end");
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

export function say(of, words) {
  of.querySelector("[data-uploads]").textContent = words;
}

// The Enter key in a field of one line presses nothing; with Ctrl it sends, from everywhere in the form.
document.addEventListener("keydown", (event) => {
  const of = form(event.target);
  if (!of || event.key !== "Enter") return;
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    of.requestSubmit(of.querySelector("[data-send]"));
  } else if (event.target.matches("input[type=text]")) {
    event.preventDefault();
  }
});

// Whom it goes to stands on the button; who is new to the case is marked.
document.addEventListener("input", (event) => {
  if (!event.target.matches("form[data-write] input[name=to], form[data-write] input[name=cc]")) return;
  const of = form(event.target);
  const known = new Set([...of.querySelectorAll("datalist[id$=-known] option")].map((each) => each.value.toLowerCase()));
  const named = `${of.elements.to.value},${of.elements.cc.value}`
    .split(/[,;\n]/)
    .map((each) => each.replace(/^[^<>]*<([^<>]+)>\s*$/, "$1").trim())
    .filter((each) => each.includes("@") && !known.has(each.toLowerCase()));
  const mark = of.querySelector("[data-new]");
  mark.textContent = named.length ? `${word("newAddress")} ${[...new Set(named)].join(", ")}` : "";
  const whom = of.querySelector("[data-whom]");
  if (whom) whom.textContent = of.elements.to.value;
});

// A form that was given back, with another kind shown before: it stays in sight.
const wanted = new URLSearchParams(location.search).get("write");
if (wanted && document.getElementById("composer")) show(wanted, false);
