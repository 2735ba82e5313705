// Puts the reader where the answer is: at the errors, or at the comment that was just written.

const place = document.getElementById("errors") ?? justWritten();
if (place) {
  place.focus({ preventScroll: true });
  place.scrollIntoView({ block: "start" });
}

function justWritten() {
  const id = decodeURIComponent(location.hash.slice(1));
  return id.startsWith("comment-") ? document.getElementById(id) : null;
}
