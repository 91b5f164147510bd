// Drafts are saved while they are typed: two seconds after the last key, every ten seconds, and as the tab hides. Until the
// server has confirmed a save, a copy lies in this window's storage. Saves are numbered: one that comes late changes nothing.
import { word } from "./words.js";

const REST = 2_000;
const EVERY = 10_000;
const MOST_ALIVE = 60_000; // Bytes that a request may carry that outlives its page: 64 KiB with what stands around them.
const FIELDS = ["text", "to", "cc"];
const drafts = new Map();

class Draft {
  constructor(form) {
    this.form = form;
    this.place = `draft ${form.dataset.draft} ${form.elements.generation.value}`;
    this.saved = this.said();
    this.written = Number(form.elements.written.value);
    this.stopped = false;
    this.restore();
    // A form that came back from a refused send holds what the server has not kept as a draft.
    if ("unsaved" in form.dataset) {
      this.saved = "";
      this.later();
    }
  }

  said() {
    const data = new FormData(this.form);
    const named = [...FIELDS, "attachments", "articles"].map((name) => [name, data.getAll(name)]);
    return JSON.stringify(named);
  }

  get changed() {
    return this.said() !== this.saved;
  }

  // What this window had typed and the server had not confirmed, of this very draft: a sent one is another generation.
  restore() {
    const copy = JSON.parse(sessionStorage.getItem(this.place) ?? "null");
    if (!copy || copy.written < this.written) return;
    for (const name of FIELDS) {
      const field = this.form.elements[name];
      if (field && copy[name] !== undefined) field.value = copy[name];
    }
    if (this.changed) this.later();
    else sessionStorage.removeItem(this.place);
  }

  keep() {
    const copy = Object.fromEntries(FIELDS.map((name) => [name, this.form.elements[name]?.value]));
    try {
      sessionStorage.setItem(this.place, JSON.stringify({ ...copy, written: this.written }));
    } catch {
      // The storage is full or switched off: the server's copy is left.
    }
  }

  later() {
    this.keep();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), REST);
  }

  async save(leaving = false) {
    clearTimeout(this.timer);
    if (this.stopped || this.sent || !this.changed || !this.form.isConnected || (this.under && !leaving)) return;
    const said = this.said();
    this.form.elements.written.value = this.written += 1;
    const data = new FormData(this.form);
    for (const name of ["file", "then", "do", "resolution"]) data.delete(name);
    const body = new URLSearchParams([...data].filter(([, value]) => typeof value === "string"));
    const alive = leaving && body.toString().length < MOST_ALIVE;
    const place = this.form.querySelector("[data-saved]");
    this.under = true;
    try {
      const answer = await fetch(this.form.dataset.draft, { method: "POST", body, keepalive: alive });
      const words = await answer.text();
      if (answer.ok) {
        this.saved = said;
        place.innerHTML = words;
        if (!this.changed) sessionStorage.removeItem(this.place);
      } else if (answer.status === 409) {
        this.late(answer, words);
      } else {
        place.textContent = word("notSaved");
      }
    } catch {
      place.textContent = word("notSaved");
    } finally {
      this.under = false;
    }
  }

  late(answer, words) {
    const theirs = Number(answer.headers.get("Draft-Written"));
    if (answer.headers.get("Draft-Sent") === "yes") {
      // It was sent, from here or from another window: nothing of it may come back.
      sessionStorage.removeItem(this.place);
      this.stopped = true;
      return;
    }
    const notice = this.form.querySelector("[data-late]");
    notice.innerHTML = words;
    notice.hidden = false;
    this.stopped = true;
    notice.querySelector("[data-keep-mine]").addEventListener("click", () => this.goOn(notice, theirs));
    notice.querySelector("[data-take-newer]").addEventListener("click", () => {
      this.form.elements.text.value = notice.querySelector("[data-newer-text]").textContent;
      this.goOn(notice, theirs);
    });
  }

  goOn(notice, written) {
    this.written = written;
    this.stopped = false;
    notice.hidden = true;
    this.save();
  }
}

function found() {
  for (const form of document.querySelectorAll("form[data-draft]")) {
    if (!drafts.has(form)) drafts.set(form, new Draft(form));
  }
  for (const form of drafts.keys()) if (!form.isConnected) drafts.delete(form);
}

// Whether all that was typed is at the server.
export async function saveDrafts() {
  for (const draft of drafts.values()) await draft.save();
  return ![...drafts.values()].some((draft) => draft.form.isConnected && draft.changed);
}

const of = (event) => drafts.get(event.target.closest?.("form[data-draft]"));

document.addEventListener("input", (event) => of(event)?.later());
document.addEventListener("change", (event) => of(event)?.later());
document.addEventListener("htmx:afterSwap", found);
document.addEventListener("drafts:come", found);
document.addEventListener("submit", (event) => {
  const draft = of(event);
  if (draft) {
    clearTimeout(draft.timer);
    draft.sent = true;
  }
}, true);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") for (const draft of drafts.values()) draft.save(true);
});
addEventListener("pagehide", () => {
  for (const draft of drafts.values()) if (!draft.sent) draft.save(true);
});
addEventListener("beforeunload", (event) => {
  if ([...drafts.values()].some((draft) => !draft.sent && !draft.stopped && draft.changed)) event.preventDefault();
});
document.addEventListener("htmx:afterRequest", (event) => {
  const draft = of(event);
  if (!draft || event.target !== draft.form) return;
  // Done, the page goes on to another one; refused, or it never arrived: what is typed from now on is to be saved again.
  if (event.detail.successful) draft.gone = true;
  else if (!draft.gone) draft.sent = false;
});
setInterval(() => {
  for (const draft of drafts.values()) draft.save();
}, EVERY);
found();
