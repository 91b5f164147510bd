// What may be written on a case follows its state while the page is open: after it was resolved nothing that leaves the house, after
// it was reactivated all of it. What somebody is writing is saved first, and stands there again.
import { saveDrafts } from "./drafts.js";
import { put } from "./exchange.js";
import { part } from "./part.js";
import { isUploading } from "./uploads.js";

const page = document.querySelector("#case[data-case]");
const CARRIED = ["seen", "back", "next", "stay"]; // what the page knew as it was opened
const ONCE_MORE = 2_000; // milliseconds until it is tried again, while a letter or a file is on its way
let renewing = false;

const place = () => document.getElementById("composer-place");
// A case that went up in another one says nothing: what is written on it is sent on there.
const now = () => document.getElementById("case-head")?.dataset.writes;

async function renew() {
  if (!place() || now() === undefined || place().dataset.writes === now() || renewing) return;
  renewing = true;
  const done = !isBusy() && (await saveDrafts()) && (await exchanged());
  renewing = false;
  if (!done) setTimeout(renew, ONCE_MORE);
}

const isBusy = () => [...place().querySelectorAll("form")].some((form) => form.matches(".htmx-request") || isUploading(form));

async function exchanged() {
  const shown = place().querySelector(".writing:not([hidden])")?.id.replace("writing-", "") ?? "";
  const found = await part(`/part/cases/${encodeURIComponent(page.dataset.case)}/composer?write=${shown}`);
  const fresh = found?.querySelector("#composer-place");
  if (found === null) return true; // It is out of their sight: the page says so.
  if (!fresh) return false;
  const before = place().querySelector("form.write");
  for (const form of fresh.querySelectorAll("form.write")) {
    for (const name of CARRIED) if (before) form.elements[name].value = before.elements[name].value;
  }
  put(place(), fresh);
  document.dispatchEvent(new Event("drafts:come"));
  return true;
}

if (page) {
  document.addEventListener("htmx:afterSettle", renew);
  document.addEventListener("case:fresh", renew);
}
