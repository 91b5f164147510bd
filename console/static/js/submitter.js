// A form that a script sends says by which button, as one that is clicked does: htmx knows the clicked one alone.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  const button = detail.triggeringEvent?.submitter;
  if (button?.name && !detail.formData.has(button.name)) detail.formData.append(button.name, button.value);
});
