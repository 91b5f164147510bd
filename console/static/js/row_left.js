// Back at a list: its row is where one left, in sight and with the focus. A browser that goes to the row by itself takes the
// focus away as it does so; therefore later than that.
window.addEventListener("pageshow", ({ persisted }) => {
  const left = location.hash.startsWith("#case-") && document.getElementById(location.hash.slice(1));
  if (!left || persisted) return;
  requestAnimationFrame(() => {
    left.classList.add("marked");
    left.querySelector("a[href]")?.focus({ preventScroll: true });
    left.scrollIntoView({ block: "center" });
  });
});
