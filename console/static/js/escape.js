// Escape closes what was opened last, and gives the focus back to what had opened it. Dialogs do so by themselves; this is for
// menus and other folded pieces marked with `data-folds`, and for panels whose closing link says `data-closes="ID"`.
const opened = []; // [piece, whoever had the focus before]

document.addEventListener(
  "toggle",
  ({ target }) => {
    if (!target.matches?.("details.menu, details[data-folds]")) return;
    forget(target);
    if (target.open) opened.push([target, target.querySelector("summary")]);
  },
  true,
);

let pressed = null; // what was pressed last: a panel that comes was asked for by it
document.addEventListener("click", ({ target }) => (pressed = target.closest("a, button, summary") ?? pressed), true);
document.addEventListener("htmx:afterSwap", ({ detail: { target } }) => {
  if (!target.querySelector(`[data-closes="${CSS.escape(target.id)}"]`)) return forget(target);
  if (!opened.some(([piece]) => piece === target)) opened.push([target, pressed]);
});
document.addEventListener("click", (event) => {
  const closing = event.target.closest("[data-closes]");
  const piece = closing && document.getElementById(closing.dataset.closes);
  if (!piece || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  close(piece);
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
  while (opened.length) {
    const [piece] = opened.at(-1);
    if (piece.isConnected && !(piece.matches("details") && !piece.open)) {
      event.preventDefault();
      return close(piece);
    }
    opened.pop();
  }
});

function close(piece) {
  const [, opener] = opened.find(([each]) => each === piece) ?? [];
  forget(piece);
  if (piece.matches("details")) piece.open = false;
  else piece.replaceChildren();
  const back = opener?.isConnected ? opener : opener?.id && document.getElementById(opener.id);
  (back || document.getElementById("main")).focus();
}

function forget(piece) {
  const at = opened.findIndex(([each]) => each === piece);
  if (at >= 0) opened.splice(at, 1);
}
