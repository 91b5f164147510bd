// Fetches a part of a page, with the rights that its reader has now.
import { told } from "./clock.js";

let signedOut = null; // the notice that says so, until somebody has signed in again, perhaps in another window

// The part as a fragment; null: it is not there for this reader; undefined: nobody has answered, or not to the end. What has to
// be said is in the banner.
export async function part(address) {
  const answer = await fetchPart(address);
  if (!answer) return undefined;
  return answer.status >= 400 ? null : fragment(answer.text);
}

// {status, ok, text}; null: nobody has answered, or not to the end.
export async function fetchPart(address) {
  let status, ok, text;
  try {
    const answer = await fetch(address, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(30_000) });
    ({ status, ok } = answer);
    text = await answer.text(); // within the attempt: a connection can end in the middle of an answer, too
  } catch {
    return null;
  }
  if (status === 401 && !signedOut) {
    signedOut = fragment(text).firstElementChild;
    document.getElementById("banner").append(signedOut);
  } else if (ok && signedOut) {
    signedOut.remove();
    signedOut = null;
  }
  return { status, ok, text };
}

export function isSignedOut() {
  return signedOut !== null;
}

// Whether the server answers, and takes us for signed in.
export async function alive() {
  const answer = await fetchPart("/part/live/now");
  if (!answer?.ok) return false;
  told(JSON.parse(answer.text).now);
  return true;
}

export function fragment(html) {
  const made = document.createElement("template");
  made.innerHTML = html;
  return made.content;
}
