// The one polite status region of the page: what is only heard, without a box that is seen.
export function say(text) {
  const region = document.getElementById("banner");
  let said = region.querySelector(".unseen");
  if (!said) {
    said = document.createElement("p");
    said.className = "unseen";
    region.append(said);
  }
  said.textContent = text;
}
