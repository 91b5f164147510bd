// Presses what stands in the page, as a hand would: fields get the focus, folded pieces open, links and buttons are clicked.
export function press(selector) {
  const found = [...document.querySelectorAll(selector)].find(isThere);
  if (!found) return false;
  if (found.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select")) openChoice(found);
  else if (found.matches("summary")) {
    found.parentElement.open = true;
    openChoice(found);
  } else found.click();
  return true;
}

export function openChoice(control) {
  for (let it = control.closest("details"); it; it = it.parentElement.closest("details")) it.open = true;
  control.focus();
  control.scrollIntoView({ block: "nearest" });
}

// Whether it can be seen, perhaps after a menu is opened.
export function isThere(control) {
  return Boolean(control.closest("details.menu:not([open])")) || (control.checkVisibility?.() ?? true);
}
