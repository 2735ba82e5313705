// How far an import is, how fast it goes and how long it will take; at its end the page is loaded again.

const told = document.querySelector("#import-progress");
const EVERY = 1_500;
let first = null;

async function look() {
  try {
    const now = await (await fetch(told.dataset.url)).json();
    if (!now.active) {
      location.reload();
      return;
    }
    show(now);
  } catch {
    // The server is away for a moment: asked again.
  }
  setTimeout(look, EVERY);
}

function show(now) {
  if (!now.total) return;
  if (first?.phase !== now.phase) first = { ...now, at: performance.now() };
  const seconds = (performance.now() - first.at) / 1000;
  const rate = seconds > 1 ? (now.done - first.done) / seconds : 0;
  told.querySelector("progress").value = (100 * now.done) / now.total;
  const left = rate ? (now.total - now.done) / rate : NaN;
  const text = told.dataset.of
    .replace("%done%", now.done.toLocaleString())
    .replace("%total%", now.total.toLocaleString())
    .replace("%rate%", rate.toFixed(rate < 10 ? 1 : 0))
    .replace("%left%", Number.isNaN(left) ? "…" : spoken(left));
  told.querySelector("[role=status]").textContent = text;
}

function spoken(seconds) {
  const { minutes, seconds: few } = told.dataset;
  return seconds < 90
    ? few.replace("%n%", Math.ceil(seconds))
    : minutes.replace("%n%", Math.ceil(seconds / 60));
}

if (told) setTimeout(look, EVERY);
