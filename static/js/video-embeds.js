// A film from elsewhere: nobody there is asked for anything before the link is pressed.

document.addEventListener("click", (event) => {
  const link = event.target.closest(".player__open");
  const place = link?.closest("[data-player]");
  if (!place || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  const address = new URL(place.dataset.player);
  if (!["www.youtube-nocookie.com", "player.vimeo.com"].includes(address.host)) return;
  event.preventDefault();
  address.searchParams.set("autoplay", "1");
  const film = Object.assign(document.createElement("iframe"), {
    src: address.href, title: link.textContent, allow: "autoplay; fullscreen; encrypted-media; picture-in-picture",
    allowFullscreen: true, referrerPolicy: "strict-origin-when-cross-origin",
  });
  link.replaceWith(film);
  film.focus();
});
