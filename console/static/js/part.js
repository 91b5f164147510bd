// Fetches a part of a page, with the rights that its reader has now.
import { told } from "./clock.js";

let signedOut = null; // the notice that says so, until somebody has signed in again, perhaps in another window

// The part as a fragment; null: it is not there, or not now. What has to be said is in the banner.
export async function part(address) {
  const answer = await fetchPart(address);
  if (!answer || answer.status >= 400) return null;
  return fragment(await answer.text());
}

export async function fetchPart(address) {
  let answer;
  try {
    answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(30_000) });
  } catch {
    return null;
  }
  if (answer.status === 401 && !signedOut) {
    signedOut = fragment(await answer.clone().text()).firstElementChild;
    document.getElementById("banner").append(signedOut);
  } else if (answer.ok && signedOut) {
    signedOut.remove();
    signedOut = null;
  }
  return answer;
}

export function isSignedOut() {
  return signedOut !== null;
}

// Whether the server answers, and takes us for signed in.
export async function alive() {
  const answer = await fetchPart("/part/live/now");
  if (!answer?.ok) return false;
  told((await answer.json()).now);
  return true;
}

export function fragment(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  return made.content;
}
