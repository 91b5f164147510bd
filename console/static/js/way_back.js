// The page that answers a form has no address by which it could be fetched again: Back to it, or a reload, would show the
// browser's own error. In the history it takes the address of the page whose form was sent.
const { referrer } = document;

if ("posted" in document.body.dataset && referrer && new URL(referrer).origin === location.origin) {
  history.replaceState(history.state, "", referrer);
}
