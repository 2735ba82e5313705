// Puts the reader where the answer is: at the errors, at the comment that was just written, or at what is said.

const place = document.getElementById("errors") ?? document.querySelector("[data-notice]") ?? justWritten();
if (place) {
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: place.matches("[data-notice]") ? "center" : "start" });
}

function justWritten() {
  const id = decodeURIComponent(location.hash.slice(1));
  return id.startsWith("comment-") ? document.getElementById(id) : null;
}
