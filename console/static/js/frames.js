// Mails in frames are as high as what they hold: each says its height, some times; one that never rests keeps a fixed one.
const LEAST = 40;
const MOST = 20_000;
const TIMES = 10;
const heard = new WeakMap();

addEventListener("message", (event) => {
  const height = event.data?.mailHeight;
  if (!Number.isFinite(height) || height < LEAST || height > MOST) return;
  const frame = [...document.querySelectorAll("iframe[data-mail]")].find((each) => each.contentWindow === event.source);
  if (!frame) return;
  const times = (heard.get(frame) ?? 0) + 1;
  heard.set(frame, times);
  if (times > TIMES) frame.style.removeProperty("height");
  else frame.style.height = `${Math.ceil(height) + 2}px`;
});

// A frame that was there before this script has told nobody: it is asked.
const ask = (frame) => frame.contentWindow?.postMessage("height", "*");
document.addEventListener("load", (event) => event.target.matches?.("iframe[data-mail]") && ask(event.target), true);
document.querySelectorAll("iframe[data-mail]").forEach(ask);

// A click that has the frame load anew begins the count anew.
document.addEventListener("click", (event) => {
  const name = event.target.closest('a[target^="mail-"]')?.target;
  const frame = name && document.querySelector(`iframe[name="${name}"]`);
  if (frame) heard.delete(frame);
});
