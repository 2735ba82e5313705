// A film without a poster gets one of its frames: this browser takes it and sends it to the page of the film. Where it
// cannot, the film stays without one.

const AT = 1; // second of the film
const WIDEST = 1600; // pixels
const PATIENCE = 15_000; // ms for the film to load as far as that

// `media` is what the server answered to the upload. Answers what the server knows of the film then, or null.
export async function sendPoster(media, token) {
  if (!media.lacks_poster) return null;
  const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
  try {
    const frame = await frameOf(video, media.url);
    if (!frame) return null;
    const body = new FormData();
    body.set("csrfmiddlewaretoken", token);
    body.set("frame", frame, "poster.jpg");
    const headers = { Accept: "application/json" };
    const answer = await fetch(media.edit_url, { method: "POST", body, headers, signal: AbortSignal.timeout(PATIENCE) });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null; // a codec that this browser does not know, or a line that is down
  } finally {
    video.removeAttribute("src");
    video.load();
  }
}

async function frameOf(video, url) {
  const loaded = event(video, "loadeddata");
  video.src = url;
  await loaded;
  const sought = event(video, "seeked");
  video.currentTime = Math.min(AT, Number.isFinite(video.duration) ? video.duration / 2 : AT);
  await sought;
  const { videoWidth, videoHeight } = video;
  if (!videoWidth) return null;
  const scale = Math.min(1, WIDEST / videoWidth);
  const [width, height] = [videoWidth, videoHeight].map((side) => Math.max(1, Math.round(side * scale)));
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(video, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.86));
}

function event(video, name) {
  return new Promise((resolve, reject) => {
    video.addEventListener(name, resolve, { once: true });
    video.addEventListener("error", reject, { once: true });
    setTimeout(reject, PATIENCE);
  });
}
