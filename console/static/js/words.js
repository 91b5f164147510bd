// What scripts say, in the reader's language: the page brings it along, from the same catalogues as its own text.
export function word(name) {
  return document.getElementById("words").dataset[name] ?? "";
}
