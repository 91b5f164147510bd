// The server's time, whatever the computer's clock says: the page brings it along, and a clock that only runs forward counts on.
let [known, at] = [Date.parse(document.body.dataset.now), performance.now()];
let apart = Date.now() - performance.now();

export function serverNow() {
  return known + performance.now() - at;
}

export function told(instant) {
  [known, at] = [Date.parse(instant), performance.now()];
  apart = Date.now() - performance.now();
}

// A computer that slept has stopped that counter; one whose clock was set looks the same. Both ask once more.
export function mayHaveSlept() {
  return Math.abs(Date.now() - performance.now() - apart) > 5_000;
}

// An instant as the reader's clock on the wall shows it: 14:02.
export function wallTime(instant) {
  const { lang } = document.documentElement;
  const zone = document.body.dataset.zone;
  return new Intl.DateTimeFormat(lang, { hour: "numeric", minute: "2-digit", timeZone: zone }).format(instant);
}
