// A region that is exchanged keeps what was typed in it, what was unfolded and where the focus was: found again by their ids.
const kept = new Map();
const sent = new WeakMap(); // By form: what stood in each field as its request left.
let focused = null;
let place = null;

function regions(event) {
  return [event.detail.target, document.getElementById("case")].filter(Boolean);
}

const formOf = (field) => field.form?.getAttribute("action") ?? "";
const stands = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked : field.value);

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.detail.elt.closest?.("form");
  if (!form) return;
  sent.set(form, new Map([...form.elements].filter((field) => field.id).map((field) => [field.id, stands(field)])));
});

document.addEventListener("htmx:beforeSwap", (event) => {
  kept.clear();
  focused = document.activeElement?.id ? document.activeElement.id : null;
  place = focused && "selectionStart" in document.activeElement ? [document.activeElement.selectionStart, document.activeElement.selectionEnd] : null;
  const sender = event.detail.requestConfig?.elt?.closest?.("form");
  for (const region of regions(event)) {
    for (const field of region.querySelectorAll("input[id], select[id], textarea[id]")) {
      // What was just sent is answered by the server; everything else that was typed stays, also since the request left.
      const left = sender?.contains(field) ? sent.get(sender) : null;
      if (field.type === "hidden" || (left ? left.get(field.id) === stands(field) : sender?.contains(field) || !changed(field))) continue;
      const state = field.type === "checkbox" || field.type === "radio" ? { checked: field.checked } : { value: field.value };
      kept.set(field.id, { state, left: left?.get(field.id), of: formOf(field) });
    }
    for (const fold of region.querySelectorAll("details[id][open]")) kept.set(fold.id, { state: { open: true } });
  }
});

// What was sent and refused stands in the page as the server gave it back, and is still nowhere else.
function changed(field) {
  if (field.form?.matches(".touched, [data-unsaved]")) return true;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return [...field.options].some((each) => each.selected && !each.defaultSelected && field.value);
  return field.value !== field.defaultValue;
}

document.addEventListener("htmx:afterSettle", () => {
  const chosen = [];
  for (const [id, { state, left, of }] of kept) {
    const found = document.getElementById(id);
    // A field of another form may have the same id: what was typed for one deed is nothing of another one's.
    if (found && of !== undefined && of !== formOf(found)) continue;
    // Rows that were moved or removed have handed their place on: another field stands there now.
    if (!found || found.closest(".menu") || (left !== undefined && stands(found) !== left)) continue;
    Object.assign(found, state);
    if (left !== undefined && found.matches("select[data-decides]")) chosen.push(found);
  }
  // Whoever types goes on where they type.
  if (kept.has(focused)) document.querySelector("[data-focus]")?.remove();
  if (focused && document.activeElement === document.body) {
    const found = document.getElementById(focused);
    found?.focus({ preventScroll: true });
    if (found && place && place[0] !== null) found.setSelectionRange(...place);
  }
  kept.clear();
  for (const choice of chosen) choice.dispatchEvent(new Event("change", { bubbles: true }));
});
