// Cases that are ticked in a list: with Shift a whole range; kept while the list is sorted, turned over or freshened, as long as
// it is the same list; and sent along with those of other pages.
const form = document.querySelector("form[data-bulk]");

if (form) {
  const kept = `ticked ${form.dataset.bulk}`;
  const list = document.getElementById("rows");
  const all = document.getElementById("tick-all");
  const said = form.querySelector("[data-ticked]");
  const clear = form.querySelector("[data-clear]");
  const ticked = new Set(JSON.parse(sessionStorage.getItem(kept) ?? "[]"));
  const first = said.textContent;
  let last;

  const boxes = () => [...list.querySelectorAll("input[name=numbers]")];

  function show() {
    const here = boxes();
    for (const box of here) box.checked = ticked.has(box.value);
    all.hidden = false;
    all.checked = here.length > 0 && here.every((box) => box.checked);
    all.indeterminate = !all.checked && here.some((box) => box.checked);
    said.textContent = ticked.size ? said.dataset.ticked.replace("{count}", ticked.size) : first;
    clear.hidden = ticked.size === 0;
  }

  function keep() {
    if (ticked.size) sessionStorage.setItem(kept, JSON.stringify([...ticked]));
    else sessionStorage.removeItem(kept);
    show();
  }

  function tick(some, on) {
    for (const box of some) {
      if (on) ticked.add(box.value);
      else ticked.delete(box.value);
    }
    keep();
  }

  list.addEventListener("click", (event) => {
    const box = event.target.closest("input[name=numbers]");
    if (!box) return;
    const here = boxes();
    const [from, to] = [here.findIndex((each) => each.value === last), here.indexOf(box)].sort((a, b) => a - b);
    const range = event.shiftKey && last && from >= 0 ? here.slice(from, to + 1) : [box];
    last = box.value;
    tick(range, box.checked);
  });
  all.addEventListener("change", () => tick(boxes(), all.checked));
  clear.addEventListener("click", () => {
    ticked.clear();
    keep();
    all.focus();
  });
  list.addEventListener("rows:fresh", show);

  form.addEventListener("submit", () => {
    const here = new Set(boxes().map((box) => box.value));
    for (const old of form.querySelectorAll("input[data-elsewhere]")) old.remove();
    for (const number of ticked) {
      if (here.has(number)) continue;
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "numbers", value: number });
      field.dataset.elsewhere = "";
      form.append(field);
    }
  });
  // Back shows the page as it was left: what is ticked is in the store.
  window.addEventListener("pageshow", show);
  show();
}

// What was asked for is under way: the next time one looks at the list, nothing is ticked.
const done = document.querySelector("[data-ticks-done]");
if (done) {
  for (const name of Object.keys(sessionStorage)) {
    if (name.startsWith("ticked ")) sessionStorage.removeItem(name);
  }
}
