// Where the focus goes after a part of the page was exchanged: to the first fault of a form, or to a new panel's heading.
document.addEventListener("htmx:afterSwap", (event) => {
  const { target } = event.detail;
  // What was exchanged as a whole is not in the page any more: its successor has its id.
  const place = target.isConnected ? target : document.getElementById(target.id);
  const first = place?.querySelector(".faults, [data-takes-focus]");
  if (first) {
    first.setAttribute("tabindex", "-1");
    first.focus();
  }
});
