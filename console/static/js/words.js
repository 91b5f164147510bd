// What scripts say, in the reader's language: the page brings it along, from the same catalogues as its own text. `{0}`, `{1}`
// are filled in.
export function word(name, ...values) {
  const said = document.getElementById("words").dataset[name] ?? "";
  return values.reduce((text, value, place) => text.replace(`{${place}}`, value), said);
}
