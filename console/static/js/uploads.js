// Files go up one by one while the letter is written; Send waits for them, and names the one that was lost.
import { word } from "./words.js";

const queues = new WeakMap();
let count = 0;

function queue(form) {
  if (!queues.has(form)) queues.set(form, { waiting: [], busy: false, lost: new Set(), send: null });
  return queues.get(form);
}

// Files are on their way, or were lost and wait for a word.
export const isUploading = (form) => queue(form).busy || queue(form).lost.size > 0;

document.addEventListener("change", (event) => {
  const input = event.target;
  if (!input.matches("form[data-upload] input[type=file]")) return;
  for (const file of input.files) add(input.form, file, file.name);
  input.value = "";
});

document.addEventListener("paste", (event) => {
  const form = event.target.closest?.("form[data-upload]");
  const files = [...(event.clipboardData?.files ?? [])];
  if (!form || !files.length) return;
  event.preventDefault();
  for (const file of files) {
    const kind = file.type.split("/")[1] ?? "png";
    add(form, file, /^image\.\w+$/.test(file.name) || !file.name ? `${word("picture")}-${count + 1}.${kind}` : file.name);
  }
});

document.addEventListener("dragover", (event) => {
  if (event.target.closest?.("form[data-upload]") && event.dataTransfer?.types.includes("Files")) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const form = event.target.closest?.("form[data-upload]");
  if (!form || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  for (const file of event.dataTransfer.files) add(form, file, file.name);
});

function add(form, file, name) {
  count += 1;
  const line = document.createElement("li");
  line.className = "file";
  line.append(name, " ", Object.assign(document.createElement("span"), { className: "quiet small" }));
  form.querySelector("[data-files]").append(line);
  const upload = { file, name, line, place: `${Date.now()}-${count}` };
  if (file.size > Number(form.dataset.limit)) return lose(form, upload, word("tooLarge"));
  enqueue(form, upload);
}

function enqueue(form, upload) {
  queue(form).lost.delete(upload);
  upload.line.classList.remove("lost");
  upload.line.querySelector("span").textContent = word("uploading");
  queue(form).waiting.push(upload);
  work(form);
}

async function work(form) {
  const mine = queue(form);
  if (mine.busy) return;
  mine.busy = true;
  while (mine.waiting.length) await send(form, mine.waiting.shift());
  mine.busy = false;
  say(form);
  if (mine.send) {
    const button = mine.send;
    mine.send = null;
    form.requestSubmit(button);
  }
}

async function send(form, upload) {
  const body = new FormData();
  body.append("form", form.elements.form.value);
  body.append("place", upload.place);
  body.append("file", upload.file, upload.name);
  say(form);
  const answer = await fetch(form.dataset.upload, { method: "POST", body }).catch(() => null);
  if (!answer?.ok) return lose(form, upload, word("lost"));
  const made = document.createElement("template");
  made.innerHTML = await answer.text();
  upload.line.replaceWith(made.content);
  form.querySelector("[data-files]").dispatchEvent(new Event("change", { bubbles: true }));
}

function lose(form, upload, why) {
  const { line } = upload;
  queue(form).lost.add(upload);
  line.classList.add("lost");
  line.querySelectorAll("button").forEach((each) => each.remove());
  line.querySelector("span").textContent = why;
  const again = button(word("tryAgain"), () => {
    line.querySelectorAll("button").forEach((each) => each.remove());
    enqueue(form, upload);
  });
  const away = button(word("takeAway"), () => {
    queue(form).lost.delete(upload);
    line.remove();
    say(form);
  });
  line.append(again, away);
}

function button(words, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: words });
  made.addEventListener("click", act);
  return made;
}

function say(form) {
  const { busy, waiting, lost } = queue(form);
  const place = form.querySelector("[data-uploads]");
  if (!place) return;
  place.textContent = busy && waiting.length ? word("filesWait") : lost.size ? named(lost) : "";
}

const named = (lost) => `${word("lostFirst")} ${[...lost].map((each) => each.name).join(", ")}`;

// Before everything else that hears of it: a letter leaves with all its files, or not yet.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("form[data-upload]") || event.submitter?.name !== "then") return;
  const mine = queue(form);
  if (!mine.busy && !mine.lost.size) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (mine.busy) mine.send = event.submitter;
  form.querySelector("[data-uploads]").textContent = mine.busy ? word("filesWait") : named(mine.lost);
}, true);
