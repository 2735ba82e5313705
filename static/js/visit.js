// Tells the blog that this post is being read: its number and the host one came from, no cookie, once a page.
// Who asks not to be counted (Do Not Track, Global Privacy Control) is not; a page prepared ahead waits to be seen.

const { visit } = document.querySelector("script[data-visit]").dataset;
const left = navigator.doNotTrack === "1" || navigator.globalPrivacyControl;

if (!left && navigator.sendBeacon) whenSeen(tell);

function whenSeen(act) {
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", () => whenSeen(act), { once: true });
  } else if (document.visibilityState === "hidden") {
    document.addEventListener("visibilitychange", () => whenSeen(act), { once: true });
  } else {
    act();
  }
}

function tell() {
  navigator.sendBeacon(visit, new URLSearchParams({ from: cameFrom() }));
}

function cameFrom() {
  const host = document.referrer ? new URL(document.referrer).hostname : "";
  return host === location.hostname ? "" : host;
}
