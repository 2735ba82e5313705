// The tools above the text. The toolbar element moves between its buttons by keyboard; what they write is ours.

import { FORMATS, linesOf } from "./formatting.js";
import { changed, element, hasFocus, isPlain, replace, select, selection, setPlain, text } from "./editor.js";

const toolbar = document.querySelector("markdown-toolbar");

const TOOLS = {
  ...FORMATS,
  heading: () => {
    const line = linesOf(selection());
    const level = line.text.match(/^#{1,6}(?=\s)/)?.[0].length ?? 0;
    const bare = line.text.replace(/^#{1,6}\s+/, "");
    replace(line.start, line.end, level === 0 ? `## ${bare}` : level === 2 ? `### ${bare}` : bare);
  },
  quote: () => markLines(/^> ?/, () => "> "),
  tasks: () => markLines(/^- \[[ xX]\] /, () => "- [ ] "),
  footnote: () => {
    const used = [...text().matchAll(/\[\^(\d{1,6})\]/g)].map((note) => Number(note[1]));
    const mark = `[^${Math.max(0, ...used) + 1}]`;
    const at = selection().end;
    replace(at, at, mark);
    const before = text().replace(/\s+$/, "");
    replace(before.length, text().length, `${/\n\[\^[^\]]+\]:.*$/.test(before) ? "\n" : "\n\n"}${mark}: `);
  },
  more: () => {
    const at = selection().end;
    const before = text().slice(0, at).match(/\n*$/)[0].length;
    const gap = at === 0 ? "" : "\n".repeat(Math.max(0, 2 - before));
    const after = text().slice(at).startsWith("\n\n") ? "" : "\n\n";
    if (!/<!--\s*more/.test(text())) replace(at, at, `${gap}<!--more-->${after}`);
  },
};

// Puts a mark before each line that is touched, or takes it away where all of them have it.
function markLines(pattern, mark) {
  const { start, end, text: touched } = linesOf(selection());
  const all = touched.split("\n");
  const marked = all.every((line) => pattern.test(line));
  const changed = all.map((line) => (marked ? line.replace(pattern, "") : pattern.test(line) ? line : mark() + line));
  const made = changed.join("\n");
  replace(start, end, made);
  if (all.length > 1) select(start, start + made.length);
}

function use(button) {
  TOOLS[button.dataset.tool]?.();
}

if (element && toolbar) {
  toolbar.hidden = false;
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool]");
    if (button) use(button);
  });
  // A press takes the focus from nobody: a phone's keyboard stays, and nothing moves between its two halves.
  toolbar.addEventListener("mousedown", (event) => {
    if (hasFocus() && event.target.closest("[data-tool]")) event.preventDefault();
  });
  const plain = toolbar.querySelector('[data-tool="plain"]');
  const press = () => (plain.ariaPressed = String(isPlain()));
  plain.addEventListener("click", () => setPlain(!isPlain()));
  element.addEventListener("editor-shown", press);
  press();
}

// How long it is, counted when the keys rest: words as the server counts them, and minutes at 230 a minute. Where a
// link or a picture leads is no word.
const counter = document.querySelector("[data-words]");
if (element && counter) {
  const language = document.documentElement.lang || "en";
  const plural = new Intl.PluralRules(language);
  const figures = new Intl.NumberFormat(language);
  const say = (name, count) =>
    (counter.dataset[`${name}${plural.select(count) === "one" ? "One" : "Many"}`]).replace("%d", figures.format(count));
  const count = () => {
    const words = text().replace(/\]\([^()\s]+/gu, "](").match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu)?.length ?? 0;
    const minutes = Math.max(1, Math.round(words / 230));
    counter.textContent = [say("words", words), ...(words ? [say("minutes", minutes)] : [])].join(" · ");
  };
  let waiting;
  changed(() => {
    clearTimeout(waiting);
    waiting = setTimeout(count, 300);
  });
  count();
}
