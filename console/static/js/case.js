// The page of a case: copies its number, saves a property as soon as it is changed, and opens at what is new.
import { word } from "./words.js";

const page = document.getElementById("case");
if (page) document.documentElement.classList.add("scripted");

document.addEventListener("click", async (event) => {
  const copies = event.target.closest("[data-copies]");
  if (copies) {
    await navigator.clipboard?.writeText(copies.dataset.copies);
    const banner = document.getElementById("banner");
    const said = document.createElement("p");
    said.className = "unseen";
    said.textContent = word("copied");
    banner.replaceChildren(said);
    copies.classList.add("copied");
  }
  if (event.target.closest("[data-prints]")) window.print();
  // A menu closes when something in it was chosen, or somewhere else.
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const summary = menu.querySelector("summary");
    if (!menu.contains(event.target) || (event.target.closest("a, button") && !summary.contains(event.target))) {
      menu.open = false;
    }
  }
});

for (const button of document.querySelectorAll("[data-prints]")) button.hidden = false;

// A choice is saved when it is made, a line when it is left.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-saves]");
  if (!form) return;
  form.classList.add("touched");
  form.requestSubmit();
});
document.addEventListener("input", (event) => event.target.closest("form[data-saves]")?.classList.add("touched"));

// An address that names no entry opens at the first that is new.
const fresh = page && !location.hash && document.getElementById("new");
if (fresh) {
  const entry = fresh.nextElementSibling ?? fresh;
  if (entry.getBoundingClientRect().bottom > window.innerHeight || fresh.getBoundingClientRect().top < 0) {
    fresh.scrollIntoView({ block: "start" });
  }
}
// An entry within a folded run of events is unfolded when its address asks for it.
function unfold() {
  const named = location.hash.startsWith("#entry-") && document.getElementById(location.hash.slice(1));
  const fold = named && named.closest("details");
  if (fold) {
    fold.open = true;
    named.scrollIntoView();
  }
}
window.addEventListener("hashchange", unfold);
unfold();
