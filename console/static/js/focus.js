// Where the focus goes after a part of the page was exchanged: to the first fault of a form, or to a new panel's heading.
import { word } from "./words.js";

document.addEventListener("htmx:afterSwap", (event) => {
  const first = event.detail.target.querySelector(".faults, [data-takes-focus]");
  if (first) {
    first.setAttribute("tabindex", "-1");
    first.focus();
  }
});

// An answer that never came: said, and what was typed stays.
for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, () => {
    const notice = document.createElement("p");
    notice.className = "notice bad";
    notice.textContent = word("offline");
    document.getElementById("banner").replaceChildren(notice);
  });
}
