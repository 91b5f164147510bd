// A dialog that is made when it is asked for: the browser keeps the focus inside it, closes it by Escape, and returns the focus.
export function dialog(id, title, ...content) {
  const made = document.createElement("dialog");
  const heading = document.createElement("h2");
  made.id = id;
  heading.id = `${id}-title`;
  heading.textContent = title;
  made.setAttribute("aria-labelledby", heading.id);
  made.append(heading, ...content);
  const opener = document.activeElement;
  made.addEventListener("close", () => {
    made.remove();
    if (opener?.isConnected && opener !== document.body && document.activeElement === document.body) opener.focus();
  });
  // A click beside it closes it.
  made.addEventListener("click", (event) => event.target === made && made.close());
  document.body.append(made);
  made.showModal();
  return made;
}
