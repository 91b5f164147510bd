// The first steps tick while their page is open: what has changed is exchanged, and nothing else.
const EVERY = 2_000;
const card = document.querySelector("[data-steps]");

async function look() {
  if (document.hidden) return;
  const answer = await fetch(card.dataset.steps).catch(() => null);
  if (!answer?.ok) return;
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  // Whoever begins once more has a new case: what was said of the one before goes.
  for (const old of card.querySelectorAll("[id]")) {
    if (!made.content.querySelector(`#${old.id}`)) old.remove();
  }
  for (const fresh of made.content.querySelectorAll("[id]")) {
    const old = document.getElementById(fresh.id);
    if (!old) card.append(fresh);
    else if (old.textContent !== fresh.textContent) exchange(old, fresh);
  }
}

function exchange(old, fresh) {
  const focused = old.contains(document.activeElement);
  old.replaceWith(fresh);
  if (!focused) return;
  fresh.setAttribute("tabindex", "-1");
  fresh.focus();
}

if (card) setInterval(look, EVERY);
