// A link to #comment-12 on a page where that comment does not stand (any more): it has moved to another page or post.
// Its own address knows where it is today.

const number = location.hash.match(/^#comment-(\d+)$/)?.[1];

if (number && !document.getElementById(`comment-${number}`)) {
  const place = `/comments/to/${number}/`;
  fetch(place, { method: "HEAD" }).then((answer) => {
    if (answer.ok && new URL(answer.url).pathname !== location.pathname) location.replace(place);
  }, () => {});
}
