// Answers to a stage that were typed and not saved go along with what takes their form away: resolving the case, another stage, a
// letter after which the page is loaded anew. The server saves them first, and says so if it cannot.
import { isChanged } from "./exchange.js";

const ALONG = "answer."; // as the server knows them

document.addEventListener("htmx:configRequest", ({ target, detail }) => {
  if (!target.closest("form[data-takes-answers]")) return;
  for (const field of document.querySelectorAll("form[data-answers] [id^=ask-]")) {
    if (field.name && isChanged(field)) detail.formData.set(ALONG + field.name, field.value);
  }
});
