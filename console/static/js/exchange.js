// Puts a fresh piece in the place of an old one, and leaves alone what its reader does there: the focus and the marked text, what
// is unfolded, what is ticked. A piece in which something was typed stays as it is.

// Whether something stands in it that is nowhere else yet.
export function isTyped(piece) {
  const controls = piece.querySelectorAll("input:not([type=hidden]), textarea, select");
  return [...controls].some((it) => {
    if (it.type === "checkbox" || it.type === "radio") return it.name !== "numbers" && it.checked !== it.defaultChecked;
    return isChanged(it);
  });
}

// A form that was refused stands as the server gave it back: all of it is nowhere else, though nothing was typed since.
export function isChanged(field) {
  if (field.form?.matches("[data-unsaved]")) return true;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") {
    const options = [...field.options];
    return field.value !== (options.find((each) => each.defaultSelected) ?? options[0])?.value;
  }
  return field.value !== field.defaultValue;
}

// True: it stands there now.
export function exchange(old, fresh) {
  if (isTyped(old)) return false;
  put(old, fresh);
  return true;
}

export function put(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && "selectionStart" in focused ? [focused.selectionStart, focused.selectionEnd] : null;
  for (const unfolded of old.querySelectorAll("details[open]")) {
    const twin = twinOf(unfolded, old, fresh);
    if (twin) twin.open = true;
  }
  for (const ticked of old.querySelectorAll("input[type=checkbox]:checked")) {
    const twin = ticked.id && fresh.querySelector(`#${CSS.escape(ticked.id)}`);
    if (twin) twin.checked = true;
  }
  fresh.removeAttribute("hx-swap-oob");
  old.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (focused) refocus(focused, place, fresh);
}

// A folded piece is known by its id, or by that of what it stands in.
function twinOf(unfolded, old, fresh) {
  if (unfolded.id) return fresh.querySelector(`#${CSS.escape(unfolded.id)}`);
  const holder = unfolded.closest("[id]");
  if (!holder || !old.contains(holder)) return null;
  const where = holder === old ? fresh : fresh.querySelector(`#${CSS.escape(holder.id)}`);
  return where?.querySelector("details");
}

function refocus(was, place, fresh) {
  const now = was.id && document.getElementById(was.id);
  if (now) {
    now.focus({ preventScroll: true });
    if (place && place[0] !== null) now.setSelectionRange(...place);
    return;
  }
  // What had the focus is gone: whoever reads on from here begins with what stands in its place.
  if (!fresh.matches("a[href], button, input, select, textarea, [tabindex]")) fresh.setAttribute("tabindex", "-1");
  fresh.focus({ preventScroll: true });
}

// What somebody reads stays where it is on their screen, whatever `change` puts above it.
export function keepPlace(change) {
  const root = document.documentElement;
  const read = whatIsRead();
  const { top } = read?.getBoundingClientRect() ?? { top: 0 };
  root.style.overflowAnchor = "none"; // else browsers that do so by themselves do it a second time
  change();
  if (read?.isConnected && window.scrollY > 0) window.scrollBy({ top: read.getBoundingClientRect().top - top, behavior: "instant" });
  requestAnimationFrame(() => (root.style.overflowAnchor = ""));
}

function whatIsRead() {
  const all = document.querySelectorAll(".entry, tr[data-case], .card");
  return [...all].find((it) => it.getBoundingClientRect().top >= 0) ?? null;
}
