// On a narrow screen the rooms in the head run on beside it: the one that one is in is in view.
const rooms = document.querySelector(".top .rooms");
const here = rooms?.querySelector("[aria-current]");
if (here) rooms.scrollLeft = here.offsetLeft - rooms.offsetLeft - (rooms.clientWidth - here.offsetWidth) / 2;
