// Keeps all pages of a browser fresh by one stream: the leader of its tabs has it, and the rest hear by BroadcastChannel, because
// HTTP/1.1 allows six connections. Where browsers give no locks (plain HTTP off localhost), each tab asks every 20 seconds.
//
// Pages hear, as events of the document:
//   live:cases  detail {number: version}: something was written to these cases; live:letters: one of their letters has left
//   live:all    something may have been missed: look at all of it
//   live:news   one of these has come, also while the page is hidden (the others wait until it is seen)
//   live:stale  detail instant since which nothing is heard; live:fresh  it is heard again
import { mayHaveSlept, serverNow } from "./clock.js";
import { alive, isSignedOut } from "./part.js";

const POLL_EVERY = 20_000;
const SILENT_FOR = 40_000; // the server is never silent for longer than 15 s
const PATIENCE = 4_000; // a stream that ends is back in two seconds
const RECENT = 20_000;

const channel = "BroadcastChannel" in window ? new BroadcastChannel("caseloom-live") : null;
const state = { leading: false, lost: false, staleSince: 0, heard: serverNow() };
const recent = new Map(); // what the leader has told lately, for tabs that were being made meanwhile
let pending = { cases: {}, letters: {}, all: false };

export function lastHeard() {
  return state.heard;
}

// Whether the server could not be reached lately: at once, where the mark of a stale page waits a little.
export function isLost() {
  return state.lost || state.staleSince > 0;
}

function emit(name, detail) {
  document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));
}

// ---- what is heard, here or from the leader

function hear({ kind, data }) {
  if (kind === "hello") return answer();
  if (kind === "lost") return (state.lost = true);
  if (kind === "stale") {
    state.staleSince = data;
    return emit("stale", data);
  }
  state.heard = serverNow();
  state.lost = false;
  if (state.staleSince) {
    state.staleSince = 0;
    emit("fresh");
  }
  if (kind === "cases" || kind === "letters") Object.assign(pending[kind], data);
  if (kind === "all") pending.all = true;
  if (kind === "still" || kind === "here") return;
  emit("news");
  pass();
}

function pass() {
  if (document.hidden) return;
  const { cases, letters, all } = pending;
  pending = { cases: {}, letters: {}, all: false };
  if (all) emit("all");
  else {
    if (Object.keys(cases).length) emit("cases", cases);
    if (Object.keys(letters).length) emit("letters", letters);
  }
}

document.addEventListener("visibilitychange", async () => {
  if (document.hidden) return;
  if (mayHaveSlept() && (await alive())) pending.all = true;
  pass();
});

// ---- the leader

function tell(kind, data) {
  hear({ kind, data });
  channel?.postMessage({ kind, data });
}

function answer() {
  if (!state.leading) return;
  if (state.staleSince) channel.postMessage({ kind: "stale", data: state.staleSince });
  const cases = {};
  for (const [number, { version, at }] of recent) {
    if (serverNow() - at < RECENT) cases[number] = version;
    else recent.delete(number);
  }
  channel.postMessage({ kind: "cases", data: cases });
}

let source;
let broken = false;
let asking = false;
let tries = 0;
let waits;

function lead() {
  state.leading = true;
  open();
  setInterval(() => serverNow() - state.heard > SILENT_FOR && !broken && again(), 5_000);
  window.addEventListener("online", () => broken && again());
  window.addEventListener("offline", () => lost());
  return new Promise(() => {}); // the lock is held as long as the page is there
}

function open() {
  source = new EventSource("/part/live");
  source.addEventListener("here", () => {
    clearTimeout(waits);
    tries = 0;
    tell("here");
    if (broken) tell("all");
    broken = false;
  });
  for (const kind of ["cases", "letters"]) {
    source.addEventListener(kind, (event) => {
      const data = JSON.parse(event.data);
      for (const [number, version] of Object.entries(data)) recent.set(number, { version, at: serverNow() });
      tell(kind, data);
    });
  }
  for (const kind of ["all", "still"]) source.addEventListener(kind, () => tell(kind));
  // Over: the session, or this server. Whoever asks again learns which.
  source.addEventListener("over", () => again());
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) again();
    else lost();
  });
}

function lost() {
  if (broken) return;
  broken = true;
  const since = state.heard;
  tell("lost");
  waits = setTimeout(() => tell("stale", since), PATIENCE);
}

// A stream that the browser has given up is opened anew; a server that is away is asked gently, and one that has no room for
// another stream is asked instead.
async function again() {
  lost();
  source.close();
  if (asking) return;
  asking = true;
  await pause(Math.min(POLL_EVERY, 1_000 * 2 ** tries));
  while (!(await alive())) await pause(isSignedOut() ? 10_000 : 1_500 + Math.random() * 1_500);
  asking = false;
  if (tries++ > 1) tell("all");
  open();
}

function pause(milliseconds) {
  return new Promise((go) => setTimeout(go, milliseconds));
}

// ---- without locks

async function ask() {
  if (document.hidden) return;
  if (await alive()) hear({ kind: "all" });
  else if (!state.staleSince) hear({ kind: "stale", data: state.heard });
}

if (channel) channel.onmessage = ({ data }) => hear(data);
if (navigator.locks && channel) {
  channel.postMessage({ kind: "hello" });
  navigator.locks.request("caseloom-live", lead);
} else {
  setInterval(ask, POLL_EVERY);
}
