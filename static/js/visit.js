// Tells the blog that this post is being read: its number and the host one came from, no cookie, once a page.
// Nobody who asks not to be counted (Do Not Track, Global Privacy Control) is; a prerendered page waits until it is visible.

const { visit } = document.querySelector("script[data-visit]").dataset;
const left = navigator.doNotTrack === "1" || navigator.globalPrivacyControl;

if (!left && navigator.sendBeacon) whenVisible(tell);

function whenVisible(act) {
  if (document.prerendering) {
    document.addEventListener("prerenderingchange", () => whenVisible(act), { once: true });
  } else if (document.visibilityState === "hidden") {
    document.addEventListener("visibilitychange", () => whenVisible(act), { once: true });
  } else {
    act();
  }
}

function tell() {
  navigator.sendBeacon(visit, new URLSearchParams({ from: referrerHost() }));
}

function referrerHost() {
  const host = document.referrer ? new URL(document.referrer).hostname : "";
  return host === location.hostname ? "" : host;
}
