// A long text takes a while to render: while the form waits for its answer, the page counts the seconds.

import * as words from "./editor.js";

const told = document.querySelector("#progress");
const form = document.querySelector("#write");

if (told && form) {
  form.addEventListener("submit", (event) => {
    if (words.text().length <= Number(told.dataset.from) || event.submitter?.formTarget) return;
    // Whoever holds the form back has said so when all have been asked.
    setTimeout(() => event.defaultPrevented || count(), 0);
  });
  // Back by the browser's own button: nothing is under way.
  addEventListener("pageshow", () => (told.hidden = true));
}

function count() {
  const seconds = told.querySelector("[aria-hidden]");
  const began = performance.now();
  told.hidden = false;
  told.querySelector("[role=status]").textContent = told.dataset.says;
  setInterval(() => (seconds.textContent = ` ${Math.round((performance.now() - began) / 1000)} s`), 1000);
}
