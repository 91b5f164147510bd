// A form that is sent while the server cannot be reached waits, and goes as soon as it can be: once, because it carries its key.
import { serverNow } from "./clock.js";
import { isLost, lastHeard } from "./live.js";
import { alive } from "./part.js";
import { say } from "./say.js";
import { word } from "./words.js";

const AGAIN_AFTER = 2_000;
const DOUBTFUL_AFTER = 25_000; // the server is heard at least every 15 s
const waiting = new Map(); // the form, and the button that sent it
let assured = -Infinity; // when the server has answered a question of ours

function isDoubtful() {
  if (serverNow() - assured < DOUBTFUL_AFTER) return !navigator.onLine;
  return !navigator.onLine || isLost() || serverNow() - lastHeard() > DOUBTFUL_AFTER;
}

document.addEventListener(
  "submit",
  (event) => {
    const { target: form, submitter } = event;
    if (form.method !== "post" || !isDoubtful()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    waiting.set(form, submitter);
    announce();
    if (waiting.size === 1) pursue();
  },
  true,
);

// A request of htmx's that never came back: it may have been heard, and is sent again with the same key.
for (const lost of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(lost, ({ detail }) => {
    const form = detail.elt.closest("form");
    if (detail.requestConfig?.verb !== "post" || !form) return announce();
    waiting.set(form, detail.requestConfig.triggeringEvent?.submitter ?? null);
    announce();
    if (waiting.size === 1) pursue();
  });
}

async function pursue() {
  while (waiting.size) {
    if (navigator.onLine && (await alive())) break;
    await new Promise((go) => setTimeout(go, AGAIN_AFTER));
  }
  assured = serverNow();
  const forms = [...waiting];
  waiting.clear();
  document.getElementById("offline")?.remove();
  say(word("sentNow"));
  document.dispatchEvent(new CustomEvent("offline:over"));
  for (const [form, submitter] of forms) {
    if (form.isConnected) form.requestSubmit(submitter?.isConnected ? submitter : undefined);
  }
}

function announce() {
  if (document.getElementById("offline")) return;
  const notice = document.createElement("p");
  notice.id = "offline";
  notice.className = "notice warn";
  notice.textContent = word(waiting.size ? "waits" : "offline");
  document.getElementById("banner").append(notice);
  if (!waiting.size) setTimeout(() => notice.remove(), 30_000);
}
