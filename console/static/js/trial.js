// A trial on the past: shows how far it has come while it runs, and then what it found. Without scripts the form does the same,
// and the page comes when all is done.
import { word } from "./words.js";

const form = document.querySelector("form[data-trial]");
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = new URLSearchParams(new FormData(form));
  const bar = document.getElementById("trying");
  const said = document.getElementById("trying-said");
  const button = form.querySelector("button");
  button.disabled = true;
  bar.hidden = false;
  bar.value = 0;
  try {
    await run(`${form.dataset.trial}?${asked}`, bar, said);
    history.replaceState(null, "", `${form.getAttribute("action")}?${asked}`);
    said.textContent = "";
  } catch {
    said.textContent = word("lost");
  }
  bar.hidden = true;
  button.disabled = false;
});

async function run(address, bar, said) {
  const answer = await fetch(address, { headers: { "HX-Request": "true" } });
  if (!answer.ok) {
    document.getElementById("banner").innerHTML = await answer.text();
    return;
  }
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    rest += value;
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const line of lines) show(JSON.parse(line), bar, said);
  }
  if (!document.querySelector("#found h2")) throw new Error("nothing was found");
}

function show(step, bar, said) {
  if ("html" in step) {
    const found = document.getElementById("found");
    found.innerHTML = step.html;
    const heading = found.querySelector("[data-takes-focus]");
    heading.tabIndex = -1;
    heading.focus();
    return;
  }
  bar.value = step.share;
  said.textContent = `${word("trying")} ${step.looked_at}`;
}
