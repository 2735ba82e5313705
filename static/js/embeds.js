// A film, a post or a map from elsewhere: nobody there is asked for anything before the link is pressed. The page's
// Content-Security-Policy names the hosts of its own players, and no others.

document.addEventListener("click", (event) => {
  const link = event.target.closest(".player__open");
  const place = link?.closest("[data-player]");
  if (!place || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  const frame = Object.assign(document.createElement("iframe"), {
    src: place.dataset.player, title: link.textContent.trim(), allowFullscreen: true,
    allow: "autoplay; fullscreen; encrypted-media; picture-in-picture",
    referrerPolicy: "strict-origin-when-cross-origin",
  });
  link.replaceWith(frame);
  frame.focus();
});
