// A form that is taken away before it is sent, by another one in its place, by a deed or because its page is left, comes back as
// it was typed. A copy lies in this window's storage until the form was sent, or closed by its own button.
const FORMS = "form[data-keeps]";
const TYPED = "typed ";
const SENT = "sent as pages"; // addresses of forms whose answer is a page, which tells whether they were taken
const known = new WeakSet();

// By whose form it is: whoever signs in after them in the same window finds nothing of theirs.
const place = (form) => `${TYPED}${form.dataset.keeps} ${form.getAttribute("action")}`;
const isBox = (field) => field.type === "checkbox" || field.type === "radio";

function read(key, otherwise) {
  try {
    return JSON.parse(sessionStorage.getItem(key)) ?? otherwise;
  } catch {
    return otherwise; // it is switched off
  }
}

function write(key, value) {
  try {
    sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    // It is full or switched off: then the form is all there is.
  }
}

const forget = (key) => read(key, null) === null || sessionStorage.removeItem(key);

// Only what somebody has touched: what the page proposed may be another thing the next time.
function keep(field) {
  const { form, name } = field;
  const twins = [...form.elements].filter((each) => each.name === name);
  const values = isBox(field) ? twins.filter((each) => each.checked).map((each) => each.value) : [field.value];
  write(place(form), { ...read(place(form), {}), [name]: values });
}

function restore(form) {
  const copy = read(place(form), {});
  for (const field of form.elements) {
    const values = copy[field.name];
    if (!values || field.type === "hidden") continue;
    if (isBox(field)) field.checked = values.includes(field.value);
    else if (field.tagName !== "SELECT" || [...field.options].some((each) => each.value === values[0])) [field.value] = values;
  }
}

function found() {
  for (const form of document.querySelectorAll(FORMS)) {
    if (!known.has(form)) restore(form);
    known.add(form);
  }
}

for (const typed of ["input", "change"]) {
  document.addEventListener(typed, ({ target }) => target.name && target.form?.matches(FORMS) && keep(target));
}
document.addEventListener("htmx:afterSwap", found);
document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, successful } }) => {
  const form = requestConfig?.verb === "post" && requestConfig.elt.closest(FORMS);
  if (form && successful) forget(place(form));
});
document.addEventListener("click", (event) => {
  const form = event.target.closest("[data-closes]")?.closest(FORMS);
  if (form && !event.ctrlKey && !event.metaKey) forget(place(form));
});

document.addEventListener("submit", ({ target, defaultPrevented }) => {
  if (target.matches(FORMS) && !defaultPrevented && !target.hasAttribute("hx-post")) write(SENT, [...read(SENT, []), place(target)]);
});
// A page with an address of its own was led to because the form was taken; what answers a form itself says what is wrong.
if (!("posted" in document.body.dataset)) read(SENT, []).forEach(forget);
forget(SENT);
found();
