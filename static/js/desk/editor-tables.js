// Tables in the rich editor: each column as wide as its widest cell, by space that is seen and not in the text.

import { Decoration, WidgetType } from "../../vendor/codemirror-6/codemirror.js";

const CHARACTER = 0.602; // em, of the monospaced fonts
const SIZE = 0.8; // em of the text, as `.table` in editor-theme.js
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60]|\p{Emoji_Presentation}/u;

class Space extends WidgetType {
  constructor(characters) {
    super();
    this.characters = characters;
  }

  eq(other) {
    return other.characters === this.characters;
  }

  toDOM() {
    const space = Object.assign(document.createElement("span"), { className: "space", ariaHidden: "true" });
    space.style.inlineSize = `${this.characters}ch`;
    return space;
  }
}

// The decorations of a table, a node of the tree; none where its lines are longer than the page is wide.
export function aligned(view, table) {
  const rows = [];
  for (let row = table.firstChild; row; row = row.nextSibling) rows.push(cells(view.state.doc, row));
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_each, at) => Math.max(...rows.map((row) => row[at]?.width ?? 0)));
  const size = parseFloat(getComputedStyle(view.contentDOM).fontSize) * SIZE * CHARACTER;
  if (widths.reduce((sum, width) => sum + width + 1, 1) * size > view.contentDOM.clientWidth) return [];
  const sides = rows[1]?.map(({ words }) => [words.trim().startsWith(":"), words.trim().endsWith(":")]) ?? [];
  return rows.flatMap((row) => row.flatMap((cell, at) => spaces(cell, widths[at] - cell.width, ...(sides[at] ?? []))));
}

function spaces({ from, to }, missing, isLeft, isRight) {
  const before = isRight ? (isLeft ? Math.floor(missing / 2) : missing) : 0;
  return [[before, from], [missing - before, to]]
    .filter(([characters]) => characters > 0)
    .map(([characters, at]) => Decoration.widget({ widget: new Space(characters), side: at === from ? -1 : 1 }).range(at));
}

// The cells of a row: what stands between its bars.
function cells(doc, row) {
  const line = doc.lineAt(row.from);
  const bars = row.name === "TableDelimiter" ? barsOf(line.text) : row.getChildren("TableDelimiter").map(({ from }) => from - line.from);
  const ends = [...bars, line.length];
  const starts = [0, ...bars.map((at) => at + 1)];
  return starts
    .map((start, number) => ({ from: line.from + start, to: line.from + ends[number], words: line.text.slice(start, ends[number]) }))
    .slice(bars[0] === line.text.search(/\S/) ? 1 : 0, bars.length && !line.text.slice(bars.at(-1) + 1).trim() ? -1 : undefined)
    .map((cell) => ({ ...cell, width: widthOf(cell.words) }));
}

function barsOf(words) {
  return [...words.matchAll(/\|/g)].map(({ index }) => index);
}

// In characters, of what is seen: where a link leads is folded away.
function widthOf(words) {
  const shown = words.replace(/(?<!!)\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/\p{M}/gu, "");
  return [...shown].reduce((sum, each) => sum + (WIDE.test(each) ? 2 : 1), 0);
}
