// Who else is at this case: a sign of life every ten seconds while the page is in sight, answered by who has given one.
const EVERY = 10_000;
const STILL_WRITING = 30_000;
let typed = -Infinity;

document.addEventListener("input", (event) => {
  if (event.target.closest("form[data-write]")) typed = performance.now();
});

async function tell(form) {
  if (document.visibilityState === "hidden") return;
  const body = new URLSearchParams(new FormData(form));
  body.set("doing", performance.now() - typed < STILL_WRITING ? "writes" : "views");
  const answer = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) return;
  const words = (await answer.text()).trim();
  const place = form.querySelector("[data-present]");
  if (place.innerHTML.trim() !== words) place.innerHTML = words;
}

for (const form of document.querySelectorAll("form[data-presence]")) {
  tell(form);
  setInterval(() => tell(form), EVERY);
}
