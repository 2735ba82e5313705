// Bold, italic, code, link and lists. Each tool pressed again takes back what it did.

import { replace, select, selection, text } from "./editor.js";

export const FORMATS = {
  bold: () => wrap("**"),
  italic: () => wrap("_"),
  code: () => wrap("`"),
  link,
  list: () => list(/^- /, () => "- "),
  numbers: () => list(/^\d+\.\s+/, (index) => `${index + 1}. `),
};

// Puts the mark on both sides of the selection or of the word around the writer, or takes it away from there.
// Several lines of code are fenced; of several paragraphs or items each is marked.
function wrap(mark) {
  const before = selection();
  if (mark !== "`" && wrapEach(mark, before)) return;
  let { start, end } = before.start === before.end ? wordAt(before.start) : before;
  let [opening, closing] = [mark, mark];
  if (mark === "`" && text().slice(start, end).trim().includes("\n")) [opening, closing] = ["```\n", "\n```"];
  const isMarked = (from, to) =>
    to - from >= opening.length + closing.length && text().slice(from, to).startsWith(opening) && text().slice(from, to).endsWith(closing);
  if (!isMarked(start, end) && start >= opening.length && isMarked(start - opening.length, end + closing.length)) {
    [start, end] = [start - opening.length, end + closing.length];
  }
  const touched = text().slice(start, end);
  if (isMarked(start, end)) {
    const bare = touched.slice(opening.length, touched.length - closing.length);
    replace(start, end, bare);
    const at = Math.min(Math.max(before.start - opening.length, start), start + bare.length);
    if (before.start === before.end) select(at);
    else select(start, start + bare.length);
    return;
  }
  const bare = touched.trim();
  const blank = touched.slice(0, touched.indexOf(bare)).length;
  replace(start, end, touched.slice(0, blank) + opening + bare + closing + touched.slice(blank + bare.length));
  const first = start + blank + opening.length;
  if (before.start !== before.end) select(first, first + bare.length);
  else select(Math.min(Math.max(before.start + opening.length, first), first + bare.length));
}

// A mark does not reach over a blank line, or from one item to the next.
const PIECES = /^([ \t]*(?:>[ \t]?)*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?|#{1,6}[ \t]+)?)(.*)$/;

function wrapEach(mark, { start, end }) {
  const pieces = [];
  for (const line of text().slice(start, end).split("\n")) {
    const [, before, words] = line.match(PIECES);
    const last = pieces.at(-1);
    // A line goes on with the one above it, unless it begins something.
    if (last?.words && words && !before.trim()) last.words += `\n${line}`;
    else pieces.push({ before, words });
  }
  const marked = pieces.filter(({ words }) => words.trim());
  if (marked.length < 2) return false;
  const isMarked = marked.every(({ words }) => words.length > 2 * mark.length && words.startsWith(mark) && words.trimEnd().endsWith(mark));
  const made = pieces.map(({ before, words }) => {
    const bare = words.trim();
    if (!bare) return before + words;
    const behind = words.slice(words.indexOf(bare) + bare.length);
    const ahead = before + words.slice(0, words.indexOf(bare));
    if (isMarked) return ahead + bare.slice(mark.length, -mark.length) + behind;
    return ahead + (bare.startsWith(mark) && bare.endsWith(mark) && bare.length > 2 * mark.length ? bare : mark + bare + mark) + behind;
  });
  const whole = made.join("\n");
  replace(start, end, whole);
  select(start, start + whole.length);
  return true;
}

// The words of a link, with brackets that would end it marked as letters.
export function linkText(words) {
  const isPaired = /^(?:[^[\]\\]|\\.|\[(?:[^[\]\\]|\\.)*\])*$/.test(words);
  return isPaired ? words : words.replace(/(?<!\\)[[\]]/g, "\\$&");
}

// Words become the text of a link, and its address is selected, to be typed; an address becomes that of a link whose
// text is to be typed.
function link() {
  const before = selection();
  const { start, end } = before.start === before.end ? wordAt(before.start) : before;
  const words = text().slice(start, end);
  const isAddress = /^https?:\/\/\S+$/.test(words);
  const shown = linkText(words);
  replace(start, end, isAddress ? `[](${words})` : `[${shown}](url)`);
  if (isAddress || !words) select(start + 1);
  else select(start + shown.length + 3, start + shown.length + 6);
}

// The lines that are touched become items of a list with blank lines around it, or bare lines again.
function list(pattern, mark) {
  const before = selection();
  const { start, end, text: touched } = linesOf(before);
  const all = touched.split("\n");
  const isList = all.every((line) => pattern.test(line));
  const bare = all.map((line) => line.replace(isList ? pattern : /^(?:- |\d+\.\s+)/, ""));
  const made = (isList ? bare : bare.map((line, index) => mark(index) + line)).join("\n");
  const [above, below] = isList ? ["", ""] : gaps(start, end);
  replace(start, end, above + made + below);
  const first = start + above.length;
  if (before.start !== before.end) select(first, first + made.length);
  else select(Math.min(Math.max(before.start + above.length + made.length - touched.length, first), first + made.length));
}

// The line breaks that are missing for a blank line above and below.
function gaps(start, end) {
  const [before, after] = [text().slice(0, start), text().slice(end)];
  const missing = (words, breaks) => (/\S/.test(words) ? "\n".repeat(Math.max(0, 2 - breaks.length)) : "");
  return [missing(before, before.match(/\n*$/)[0]), missing(after, after.match(/^\n*/)[0])];
}

function wordAt(at) {
  const start = at - text().slice(0, at).match(/\S*$/)[0].length;
  return { start, end: at + text().slice(at).match(/^\S*/)[0].length };
}

// The whole lines that a selection touches.
export function linesOf({ start: from, end: to }) {
  const whole = text();
  const start = whole.lastIndexOf("\n", from - 1) + 1;
  const after = whole.indexOf("\n", Math.max(to - (to > start ? 1 : 0), start));
  const end = after < 0 ? whole.length : after;
  return { start, end, text: whole.slice(start, end) };
}

// Whether a fence is open where the line at `end` begins.
export function insideCode(whole, end) {
  return (whole.slice(0, end).match(/^\s{0,3}(```|~~~)/gm)?.length ?? 0) % 2 === 1;
}
