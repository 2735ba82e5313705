// How far the exports are that are being written; when one of them is finished the page is loaded again.

const list = document.querySelector("#exports");
const EVERY = 1_500;

async function look() {
  try {
    const { exports } = await (await fetch(list.dataset.url)).json();
    const bars = [...list.querySelectorAll("progress")];
    if (exports.length < bars.length) {
      location.reload();
      return;
    }
    for (const { id, percent } of exports) {
      const bar = bars.find((each) => each.dataset.id === String(id));
      if (bar) bar.value = percent;
    }
  } catch {
    // The server is away for a moment: asked again.
  }
  setTimeout(look, EVERY);
}

if (list) setTimeout(look, EVERY);
