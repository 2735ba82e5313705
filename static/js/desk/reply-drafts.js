// Drafts of replies at the desk: what is typed stays in this browser until the server confirms that it has it, also
// after a moderation action, a reload or a logout. One entry for each comment and each person.

const LONGEST_KEPT = 30 * 24 * 3_600_000;
const NAME = "longrun.answer";

document.addEventListener("input", ({ target }) => {
  if (target.dataset?.answers) write(target, { text: target.value, at: Date.now() });
});

// What is kept comes back into empty fields; an answer that stands is forgotten.
export function restore() {
  forgetOld();
  for (const { dataset } of document.querySelectorAll("[data-answered]")) remove(dataset.answered);
  for (const field of document.querySelectorAll("[data-answers]")) {
    const kept = read(field);
    if (!kept?.text.trim() || field.value.trim()) continue;
    field.value = kept.text;
    const begun = document.querySelector(`[data-begun="${CSS.escape(field.dataset.answers)}"]`);
    if (begun) begun.hidden = false;
  }
}

// Where a browser keeps nothing, nothing is brought back.
function read({ dataset }) {
  try {
    return JSON.parse(localStorage.getItem(`${NAME}.${dataset.answers}`));
  } catch {
    return null;
  }
}

function write({ dataset }, entry) {
  try {
    localStorage.setItem(`${NAME}.${dataset.answers}`, JSON.stringify(entry));
  } catch {
    // Then the page has it, and nobody else.
  }
}

function remove(key) {
  try {
    localStorage.removeItem(`${NAME}.${key}`);
  } catch {
    // There is none.
  }
}

function forgetOld() {
  try {
    for (const name of Object.keys(localStorage)) {
      if (!name.startsWith(`${NAME}.`)) continue;
      const at = JSON.parse(localStorage.getItem(name))?.at;
      if (!(Date.now() - at < LONGEST_KEPT)) localStorage.removeItem(name);
    }
  } catch {
    // Nothing is kept.
  }
}
