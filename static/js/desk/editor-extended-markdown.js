// The syntax that is on for some posts only, as blog/markup/inlines/extended.py and blog/markup/blocks/extended.py read it:
// ==marked==, x^2^, H~2~O, $a^2$, ^[footnotes in the text], abbreviations, and the `[!NOTE]` that makes a quote a callout.
// Emoji are shown as typed. A formula in lines of its own is drawn if no empty line divides it.

const MARK = { resolve: "Highlight", mark: "HighlightMark" };
const CALLOUT = /\[!(note|tip|important|warning|caution)\](?=[ \t]|\n|$)/iy;
const SIGN = /\\[^]|(?<!`)(`+)(?!`)[^]*?(?<!`)\1(?!`)|[[\]]/g; // escaped, code, a bracket
const ABBREVIATION = /^\*\[[^[\]]{1,80}\]:[ \t]+\S/;
const SUPERSCRIPT = [attached("\\^"), /(?<=[)\]])\^([^\s\\^]{0,60}[\p{L}\p{N}])\^/uy];
const SUBSCRIPT = [attached("~", "(?!~)")];
const MATH = [/(\$\$)(?:[^$\\]|\\[^]){1,2000}\$\$/y, /(\$)(?![\s$])(?:[^$\\]|\\[^]){0,1999}(?<=\S)(?<!\\)\$(?![0-9$])/y];

// A sign on both sides of a short word that stands directly behind a letter or digit.
function attached(sign, behind = "") {
  const [word, other] = ["[\\p{L}\\p{N}]", `[^\\s\\\\${sign}]`];
  return new RegExp(`(?<=${word})${sign}(?:${other}{0,60}${word}|[+−-]|${other}{1,60}[+−*)-])${sign}${behind}`, "uy");
}

// What a pattern finds at this place of the inline text; null where it finds nothing.
function found(pattern, cx, at) {
  pattern.lastIndex = at - cx.offset;
  return pattern.exec(cx.text);
}

// A parser for what stands between two equal signs and holds nothing else.
function leaf(name, sign, patterns) {
  return {
    name,
    before: "Strikethrough",
    parse(cx, next, at) {
      const match = next === sign.charCodeAt() && patterns.map((pattern) => found(pattern, cx, at)).find(Boolean);
      if (!match) return -1;
      const [end, length] = [at + match[0].length, match[1] === "$$" ? 2 : 1];
      const signs = [cx.elt(`${name}Mark`, at, at + length), cx.elt(`${name}Mark`, end - length, end)];
      return cx.addElement(cx.elt(name, at, end, signs));
    },
  };
}

const highlight = {
  name: "Highlight",
  after: "Emphasis",
  parse(cx, next, at) {
    if (cx.slice(at, at + 2) !== "==" || cx.slice(at + 2, at + 3) === "=" || cx.slice(at - 1, at) === "=") return -1;
    const [before, behind] = [cx.slice(at - 1, at), cx.slice(at + 2, at + 3)];
    const isSpace = (sign) => !sign.trim();
    const isWord = (sign) => !isSpace(sign) && !/[\p{P}\p{S}]/u.test(sign);
    const opens = !isSpace(behind) && (isWord(behind) || !isWord(before));
    const closes = !isSpace(before) && (isWord(before) || !isWord(behind));
    return cx.addDelimiter(MARK, at, at + 2, opens, closes);
  },
};

const note = {
  name: "InlineNote",
  before: "Link",
  parse(cx, next, at) {
    if (cx.slice(at, at + 2) !== "^[") return -1;
    const end = endOfNote(cx, at + 1);
    if (!end || !cx.slice(at + 2, end).trim()) return -1;
    const words = cx.parser.parseInline(cx.slice(at + 2, end), at + 2);
    const marks = [cx.elt("InlineNoteMark", at, at + 2), cx.elt("InlineNoteMark", end, end + 1)];
    return cx.addElement(cx.elt("InlineNote", at, end + 1, [marks[0], ...words, marks[1]]));
  },
};

// Where the bracket is closed that opens at `at`; 0 where none is. Brackets in code do not count.
function endOfNote(cx, at) {
  let depth = 0;
  SIGN.lastIndex = at - cx.offset;
  for (let sign; (sign = SIGN.exec(cx.text)); ) {
    if (sign[0] === "[") depth += 1;
    else if (sign[0] === "]" && --depth === 0) return sign.index + cx.offset;
  }
  return 0;
}

// At the very beginning of a paragraph; whether that begins a quote, its reader looks.
const callout = {
  name: "Callout",
  before: "Link",
  parse(cx, next, at) {
    const match = at === cx.offset && found(CALLOUT, cx, at);
    return match ? cx.addElement(cx.elt("Callout", at, at + match[0].length)) : -1;
  },
};

const abbreviation = {
  name: "Abbreviation",
  parse(cx, line) {
    if (!ABBREVIATION.test(line.text.slice(line.pos))) return false;
    cx.addElement(cx.elt("Abbreviation", cx.lineStart + line.pos, cx.lineStart + line.text.length));
    cx.nextLine();
    return true;
  },
};

export const extendedMarkdown = {
  defineNodes: [
    "Highlight", "HighlightMark", "Superscript", "SuperscriptMark", "Subscript", "SubscriptMark", "Math", "MathMark",
    "InlineNote", "InlineNoteMark", "Callout",
    { name: "Abbreviation", block: true },
  ], // prettier-ignore
  parseInline: [
    leaf("Superscript", "^", SUPERSCRIPT),
    leaf("Subscript", "~", SUBSCRIPT),
    leaf("Math", "$", MATH),
    highlight,
    note,
    callout,
  ],
  parseBlock: [abbreviation],
};
