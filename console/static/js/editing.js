// Forms of definitions: a fault's line is marked in the text, a new element of a list takes the focus, and what a choice decides
// is asked for as soon as it is made.
document.addEventListener("change", (event) => {
  if (!event.target.matches("select[data-decides]")) return;
  event.target.parentElement.querySelector("button[value^='show:']")?.click();
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-line]");
  const text = link && document.getElementById("text");
  if (!text) return;
  event.preventDefault();
  const lines = text.value.split("\n");
  const at = Math.min(Number(link.dataset.line), lines.length) - 1;
  const start = lines.slice(0, at).reduce((sum, line) => sum + line.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + lines[at].length);
  text.scrollTop = (text.scrollHeight / lines.length) * Math.max(0, at - 3);
});

document.addEventListener("htmx:afterSettle", () => {
  const mark = document.querySelector("[data-focus]");
  if (!mark) return;
  const place = document.getElementById(mark.dataset.focus);
  mark.remove();
  const first = place?.querySelector("input:not([type=hidden]), select, textarea") ?? place;
  first?.scrollIntoView({ block: "center" });
  first?.focus();
});
