// The tools above the text. Bold, italic, link, lists and code are the toolbar element's own; these are ours.

import { lines, type } from "./typing.js";

const field = document.querySelector("#id_source");
const toolbar = document.querySelector("markdown-toolbar");

const TOOLS = {
  heading: () => {
    const line = lines(field);
    const level = line.text.match(/^#{1,6}(?=\s)/)?.[0].length ?? 0;
    const bare = line.text.replace(/^#{1,6}\s+/, "");
    type(field, level === 0 ? `## ${bare}` : level === 2 ? `### ${bare}` : bare, line.start, line.end);
  },
  quote: () => markLines(/^> ?/, () => "> "),
  tasks: () => markLines(/^- \[[ xX]\] /, () => "- [ ] "),
  footnote: () => {
    const used = [...field.value.matchAll(/\[\^(\d{1,6})\]/g)].map((note) => Number(note[1]));
    const mark = `[^${Math.max(0, ...used) + 1}]`;
    const at = field.selectionEnd;
    type(field, mark, at, at);
    const text = field.value.replace(/\s+$/, "");
    type(field, `${/\n\[\^[^\]]+\]:.*$/.test(text) ? "\n" : "\n\n"}${mark}: `, text.length, field.value.length);
  },
  more: () => {
    const before = field.value.slice(0, field.selectionEnd).match(/\n*$/)[0].length;
    const gap = field.selectionEnd === 0 ? "" : "\n".repeat(Math.max(0, 2 - before));
    const after = field.value.slice(field.selectionEnd).startsWith("\n\n") ? "" : "\n\n";
    if (!/<!--\s*more/.test(field.value)) type(field, `${gap}<!--more-->${after}`, field.selectionEnd, field.selectionEnd);
  },
};

// Puts a mark before each line that is touched, or takes it away where all of them have it.
function markLines(pattern, mark) {
  const { start, end, text } = lines(field);
  const all = text.split("\n");
  const marked = all.every((line) => pattern.test(line));
  const changed = all.map((line) => (marked ? line.replace(pattern, "") : pattern.test(line) ? line : mark() + line));
  const made = changed.join("\n");
  type(field, made, start, end);
  if (all.length > 1) field.setSelectionRange(start, start + made.length);
}

function use(button) {
  TOOLS[button.dataset.tool]?.();
}

if (field && toolbar) {
  toolbar.hidden = false;
  toolbar.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tool]");
    if (button) use(button);
  });
}

// How long it is, counted when the keys rest: words as the server counts them, and minutes at 230 a minute.
const counter = document.querySelector("[data-words]");
if (field && counter) {
  const language = document.documentElement.lang || "en";
  const plural = new Intl.PluralRules(language);
  const figures = new Intl.NumberFormat(language);
  const say = (name, count) =>
    (counter.dataset[`${name}${plural.select(count) === "one" ? "One" : "Many"}`]).replace("%d", figures.format(count));
  const count = () => {
    const words = field.value.match(/[\p{L}\p{N}][\p{L}\p{N}\p{M}'’-]*/gu)?.length ?? 0;
    const minutes = Math.max(1, Math.round(words / 230));
    counter.textContent = `${say("words", words)} · ${say("minutes", minutes)}`;
  };
  let waiting;
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(count, 300);
  });
  count();
}
