// A region that is exchanged keeps what was typed in it, what was unfolded and where the focus was: found again by their ids.
const kept = new Map();
let focused = null;

function regions(event) {
  return [event.detail.target, document.getElementById("case")].filter(Boolean);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  kept.clear();
  focused = document.activeElement?.id ? document.activeElement.id : null;
  const sender = event.detail.requestConfig?.elt?.closest?.("form");
  for (const region of regions(event)) {
    for (const field of region.querySelectorAll("input[id], select[id], textarea[id]")) {
      // What was just sent is answered by the server; everything else that was typed stays.
      if (field.type === "hidden" || (sender && sender.contains(field)) || !changed(field)) continue;
      kept.set(field.id, field.type === "checkbox" ? { checked: field.checked } : { value: field.value });
    }
    for (const fold of region.querySelectorAll("details[id][open]")) kept.set(fold.id, { open: true });
  }
});

// What was sent and refused stands in the page as the server gave it back, and is still nowhere else.
function changed(field) {
  if (field.form?.matches(".touched")) return true;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((each) => each.selected && !each.defaultSelected && field.value);
  return field.value !== field.defaultValue;
}

document.addEventListener("htmx:afterSettle", () => {
  for (const [id, state] of kept) {
    const found = document.getElementById(id);
    if (found && !found.closest(".menu")) Object.assign(found, state);
  }
  if (focused && document.activeElement === document.body) document.getElementById(focused)?.focus({ preventScroll: true });
});
