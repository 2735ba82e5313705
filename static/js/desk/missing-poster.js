// The page of a film that has no poster: one of its frames becomes the poster, and the page says so.

import { sendPoster } from "./film-poster.js";

const place = document.querySelector("#film-poster");

if (place) {
  const { alt, editUrl, says, url } = place.dataset;
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  const film = await sendPoster({ lacks_poster: true, url, edit_url: editUrl }, token);
  if (film?.poster_url) {
    const poster = Object.assign(document.createElement("p"), { className: "file" });
    poster.append(Object.assign(new Image(), { src: film.poster_url, alt }));
    place.before(poster);
    place.textContent = says;
    document.querySelector("#remove-poster").hidden = false;
  }
}
