// Which character does what, as the person has it: the page brings it along.
const words = document.getElementById("words");

export const AFTER_GO = { "queues-page": "/cases?view=available", "mine-page": "/cases?view=mine", "home-page": "/" };
export const KEYS = JSON.parse(words.dataset.shortcuts);

// `second`: it comes after the key of "go". Undefined if this character does nothing.
export function doesOf(key, second) {
  const typed = key.toLowerCase();
  return Object.keys(KEYS).find((does) => KEYS[does] === typed && does in AFTER_GO === second);
}

// As it stands on a keyboard.
export function shown(does) {
  const key = KEYS[does].toUpperCase();
  return key.length === 1 ? key : KEYS[does];
}

export function saysOf(does) {
  return words.getAttribute(`data-does-${does}`);
}
