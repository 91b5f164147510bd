// Where the focus goes after a part of the page was exchanged: to the first fault of a form, or to a new panel's heading.
document.addEventListener("htmx:afterSwap", (event) => {
  const first = event.detail.target.querySelector(".faults, [data-takes-focus]");
  if (first) {
    first.setAttribute("tabindex", "-1");
    first.focus();
  }
});
