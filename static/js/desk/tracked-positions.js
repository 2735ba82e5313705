// Positions in the text that follow its changes.

import { changed, text } from "./editor.js";

const AROUND = 40;
const marks = new Set();

changed(({ from, to, length }) => {
  for (const mark of marks) {
    if (mark.at >= to && mark.at > from) mark.at += length - (to - from);
    else if (mark.at > from) mark.at = from;
  }
});

// What is typed at the very place comes behind it.
export function mark(at) {
  const made = { at };
  marks.add(made);
  return made;
}

export function unmark(made) {
  marks.delete(made);
}

// A place as it is kept: with the words around it, to be found again in another state of the text.
export function anchor(at) {
  const whole = text();
  return { at, before: whole.slice(Math.max(0, at - AROUND), at), after: whole.slice(at, at + AROUND) };
}

export function located({ at, before, after }) {
  const whole = text();
  for (const [words, back] of [[before + after, before.length], [before, before.length], [after, 0]]) {
    if (!words.trim()) continue;
    let best = -1;
    for (let found = whole.indexOf(words); found >= 0; found = whole.indexOf(words, found + 1)) {
      if (best < 0 || Math.abs(found + back - at) < Math.abs(best - at)) best = found + back;
    }
    if (best >= 0) return best;
  }
  return Math.min(at, whole.length);
}
