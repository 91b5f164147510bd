// On a narrow screen the rooms in the head run on beside it: the one that one is in is in view. A mark moves its room to the front.
const rooms = document.querySelector(".top .rooms");
const here = rooms?.querySelector("[aria-current]");

function show() {
  rooms.scrollLeft = 0;
  const beyond = here.getBoundingClientRect().right - rooms.getBoundingClientRect().right;
  if (beyond > 0) rooms.scrollLeft = beyond + here.offsetWidth;
}

if (here) {
  show();
  rooms.addEventListener("htmx:afterSwap", show);
}
