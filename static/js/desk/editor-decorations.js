// How the rich editor shows Markdown: what it does to the lines in sight, anew after each change. Marks stay where they
// are, in a quieter ink; the address of a link folds into its words until the writer is at it.

import { Decoration, ViewPlugin, keymap, syntaxTree } from "../../vendor/codemirror-6/codemirror.js";
import { aligned } from "./editor-tables.js";
import { Bullet, Pictures, Checkbox, toggleTask } from "./editor-widgets.js";

const FOLDED = Decoration.replace({});
const BULLET = Decoration.replace({ widget: new Bullet() });
const DEEPEST = { i: 6, q: 3 }; // levels that are still set apart
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]|[\ud802\ud803\ud83a\ud83b]/;

// By the name of their node in the tree: spans inside a line, whole lines, and marks.
const SPANS = {
  StrongEmphasis: "strong",
  Emphasis: "em",
  Strikethrough: "strike",
  Superscript: "sup",
  Subscript: "sub",
  InlineCode: "code",
  Highlight: "highlight",
  Math: "math",
  InlineNote: "inline-note",
};
const BLOCKS = {
  ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((level) => [`ATXHeading${level}`, `h h${level}`])),
  SetextHeading1: "h h1",
  SetextHeading2: "h h2",
  HorizontalRule: "rule",
  HTMLBlock: "html",
  CommentBlock: "html",
  ProcessingInstructionBlock: "html",
  FencedCode: "pre",
  CodeBlock: "pre",
  Abbreviation: "abbreviation",
  Table: "table",
  TableHeader: "table--head",
};
const MARKS = new Set([
  "HeaderMark", "EmphasisMark", "CodeMark", "CodeInfo", "LinkMark", "LinkLabel", "StrikethroughMark", "SuperscriptMark",
  "SubscriptMark", "TableDelimiter", "HighlightMark", "MathMark", "InlineNoteMark",
]); // prettier-ignore

const marks = new Map();

// Those of lists and quotes lie around what is folded at their start.
function mark(name) {
  if (!marks.has(name)) marks.set(name, Decoration.mark({ class: name, inclusiveStart: /(quote|list)-mark/.test(name) }));
  return marks.get(name);
}

// `words` are the page's sentences: of a task that is done or not, of a picture without alternative text.
export function decorations(words) {
  const plugin = ViewPlugin.fromClass(
    class {
      constructor(view) {
        this.view = view;
        this.isPressed = false;
        this.decorations = new Page(view, words).decorations;
      }

      update(update) {
        const { docChanged, viewportChanged, geometryChanged, selectionSet, focusChanged, startState, state, view } = update;
        const isMoved = (selectionSet || focusChanged) && !this.isPressed; // nothing moves from under the mouse
        const isParsed = syntaxTree(startState) !== syntaxTree(state);
        if (!(docChanged || viewportChanged || geometryChanged || isMoved || isParsed || this.isReleased)) return;
        this.isReleased = false;
        this.decorations = new Page(view, words).decorations;
      }

      press() {
        this.isPressed = true;
        const release = () => {
          this.isPressed = false;
          this.isReleased = true;
          this.view.dispatch({});
        };
        addEventListener("mouseup", release, { once: true });
      }
    },
    {
      decorations: ({ decorations }) => decorations,
      eventHandlers: {
        mousedown() {
          this.press();
        },
      },
    },
  );
  return [plugin, keymap.of([{ key: "Mod-Enter", run: (view) => toggleTask(view, words) }])];
}

// The lines in sight, once read.
class Page {
  found = []; // ranges of decorations
  lines = new Map(); // what is known of each line, by its start
  quotes = 0;
  items = 0;

  constructor(view, words) {
    this.view = view;
    this.words = words;
    this.state = view.state;
    this.doc = view.state.doc;
    this.here = view.hasFocus ? view.state.selection.ranges : [];
    const tree = syntaxTree(view.state);
    for (const { from, to } of view.visibleRanges) {
      this.sight = { from, to };
      tree.iterate({ from, to, enter: (node) => this.enter(node), leave: (node) => this.leave(node) });
      this.setLines();
    }
    this.decorations = Decoration.set(this.found, true);
  }

  add(decoration, from, to) {
    if (from < to) this.found.push(decoration.range(from, to));
  }

  slice({ from, to }) {
    return this.doc.sliceString(from, to);
  }

  isTouched(from, to) {
    return this.here.some((range) => range.from <= to && range.to >= from);
  }

  known(line) {
    if (!this.lines.has(line.from)) this.lines.set(line.from, { names: [], i: 0, q: 0, im: 0, qm: 0, end: line.from, pictures: [] });
    return this.lines.get(line.from);
  }

  // What is known of the lines in sight that a node touches.
  linesOf({ from, to }) {
    const found = [];
    const last = Math.min(to, this.sight.to);
    for (let at = Math.max(from, this.sight.from); at <= last; ) {
      const line = this.doc.lineAt(at);
      found.push(this.known(line));
      at = line.to + 1;
    }
    return found;
  }

  enter(node) {
    const { name, from, to } = node;
    if (name in BLOCKS) this.block(node);
    else if (name in SPANS) this.add(mark(SPANS[name]), from, to);
    else if (MARKS.has(name)) this.add(mark("mark"), from, to);
    else if (name === "Blockquote") {
      this.quotes += 1;
      const lines = this.linesOf(node);
      for (const line of lines) line.q = Math.max(line.q, this.quotes);
      if (this.quotes === 1) this.callout(node.node, lines);
    } else if (name === "ListItem") {
      this.items += 1;
      for (const line of this.linesOf(node)) line.i = Math.max(line.i, this.items);
    } else if (name === "QuoteMark") this.quoteMark(node);
    else if (name === "ListMark") this.listMark(node.node);
    else if (name === "Link") this.link(node.node);
    else if (name === "Image") this.picture(node.node);
    else if (name === "URL") this.add(mark(/^(Link|Image|LinkReference)$/.test(node.node.parent.name) ? "url" : "link"), from, to);
  }

  leave({ name }) {
    if (name === "Blockquote") this.quotes -= 1;
    if (name === "ListItem") this.items -= 1;
  }

  block(node) {
    const { name, from, to } = node;
    const isMore = name === "CommentBlock" && /^<!--\s*more/.test(this.slice({ from, to: from + 20 }));
    const lines = this.linesOf(node);
    for (const line of lines) line.names.push(isMore ? "more" : BLOCKS[name]);
    if (BLOCKS[name] === "pre" && lines.length) {
      if (from >= this.sight.from) lines[0].names.push("pre--first");
      if (to <= this.sight.to) lines.at(-1).names.push("pre--last");
    }
    if (name === "Table") this.found.push(...aligned(this.view, node.node));
    if (name === "HorizontalRule") this.add(mark("mark"), from, to);
  }

  // A quote that begins with `[!NOTE]`: the kind is its title, unless words stand behind it.
  callout(quote, lines) {
    const kind = quote.getChild("Paragraph")?.firstChild;
    if (kind?.name !== "Callout" || kind.from !== this.startOfWords(quote)) return;
    for (const line of lines) line.names.push(`callout callout--${this.slice(kind).slice(2, -1).toLowerCase()}`);
    const line = this.doc.lineAt(kind.from);
    if (line.from < this.sight.from || line.from > this.sight.to) return;
    this.known(line).names.push("callout__title");
    this.add(mark("callout__kind"), kind.from, kind.to);
    if (this.isTouched(line.from, line.to)) return;
    const title = this.slice({ from: kind.to, to: line.to });
    if (title.trim()) this.add(FOLDED, kind.from, kind.to + title.length - title.trimStart().length);
    else {
      this.add(FOLDED, kind.from, kind.from + 2);
      this.add(FOLDED, kind.to - 1, kind.to);
    }
  }

  startOfWords(quote) {
    const { to } = quote.firstChild;
    return to + this.slice({ from: to, to: to + 4 }).match(/^[ \t]*/)[0].length;
  }

  // With the space behind it, in the margin that its line keeps.
  quoteMark({ from, to }) {
    const line = this.known(this.doc.lineAt(from));
    line.end = this.slice({ from: to, to: to + 1 }) === " " ? to + 1 : to;
    line.qm += 1;
    if (line.qm <= DEEPEST.q) this.add(mark("mark quote-mark"), from, line.end);
  }

  listMark(node) {
    const line = this.doc.lineAt(node.from);
    const known = this.known(line);
    const from = Math.max(known.end, node.from - this.slice({ from: line.from, to: node.from }).match(/[ \t]*$/)[0].length);
    const task = node.nextSibling?.name === "Task" ? node.nextSibling.firstChild : null;
    const last = task?.to ?? node.to;
    const to = /[ \t]/.test(this.slice({ from: last, to: last + 1 })) ? last + 1 : last;
    if (known.im < DEEPEST.i) this.add(mark(`mark list-mark of${Math.min(this.items, DEEPEST.i) - known.im}`), from, to);
    [known.end, known.im] = [to, Math.min(this.items, DEEPEST.i)];
    const isOrdered = node.parent.parent.name === "OrderedList";
    if (task && !this.isTouched(node.from, task.to)) {
      const label = this.slice({ from: to, to: line.to });
      const isDone = /x/i.test(this.slice(task));
      if (!isOrdered) this.add(FOLDED, node.from, task.from);
      this.add(Decoration.replace({ widget: new Checkbox(isDone, label, this.words) }), task.from, task.to);
      if (isDone) known.names.push("done");
    } else if (!isOrdered && !this.isTouched(line.from, line.to)) this.add(BULLET, node.from, node.to);
  }

  link(node) {
    const [opening, closing] = node.getChildren("LinkMark");
    const url = node.getChild("URL");
    if (!url || !closing) {
      if (/^\[\^[^\]\s]+\]$/.test(this.slice(node))) this.add(mark("note"), node.from, node.to);
      return;
    }
    const words = { from: opening.to, to: closing.from };
    this.add(Decoration.mark({ class: "link", attributes: { title: this.slice(url) } }), words.from, words.to);
    if (words.from === words.to || this.isTouched(node.from, node.to) || this.doc.lineAt(node.from).to < node.to) return;
    this.add(FOLDED, node.from, words.from);
    this.add(FOLDED, words.to, node.to);
  }

  picture(node) {
    const [opening, closing, bracket] = node.getChildren("LinkMark");
    const url = node.getChild("URL");
    if (!url || !bracket) return;
    const line = this.doc.lineAt(node.to);
    const caption = node.getChild("LinkTitle");
    this.known(line).pictures.push({
      address: this.slice(url),
      alt: this.slice({ from: opening.to, to: closing.from }),
      caption: caption ? this.slice({ from: caption.from + 1, to: caption.to - 1 }) : "",
    });
    if (!this.isTouched(node.from, node.to) && line.from <= node.from) this.add(FOLDED, bracket.from, node.to);
  }

  // The decorations of whole lines, when all that is in them is known.
  setLines() {
    let direction = directionOf(this.doc.sliceString(0, 500)) ?? (document.dir || "ltr");
    for (let at = this.sight.from; at <= this.sight.to; ) {
      const line = this.doc.lineAt(at);
      const { names, i, q, im, qm, pictures } = this.known(line);
      const isCode = names.includes("pre");
      direction = (isCode ? "ltr" : directionOf(line.text)) ?? direction;
      const all = [...names];
      if (i) all.push(`i${Math.min(i, DEEPEST.i)}`);
      if (q) all.push(`q${Math.min(q, DEEPEST.q)}`);
      if (im) all.push(`im${im}`);
      if (qm) all.push(`qm${Math.min(qm, DEEPEST.q)}`);
      if (this.isTouched(line.from, line.to)) all.push("is-here");
      if (pictures.length) this.setPictures(line, pictures, all);
      if (i && !im && !isCode) this.indent(line);
      this.found.push(lineDecoration(all.join(" "), isCode ? "ltr" : direction, isCode).range(line.from));
      at = line.to + 1;
    }
  }

  setPictures(line, pictures, names) {
    if (/^\s*(!\[[^\]]*\]\([^)]*\)\s*)+$/.test(line.text)) names.push("is-picture");
    this.found.push(Decoration.widget({ widget: new Pictures(pictures, this.words), side: 1 }).range(line.to));
  }

  // A line that goes on with an item begins where its words do, however many spaces stand before it.
  indent(line) {
    const { end } = this.known(line);
    const spaces = this.slice({ from: end, to: line.to }).match(/^[ \t]*/)[0].length;
    if (spaces < line.length) this.add(mark("indent"), end, end + spaces);
  }
}

const lineDecorations = new Map();

function lineDecoration(name, dir, isCode) {
  const key = `${dir} ${name}`;
  if (!lineDecorations.has(key)) {
    const attributes = { dir, ...(name && { class: name }), ...(isCode && { spellcheck: "false" }) };
    lineDecorations.set(key, Decoration.line({ attributes }));
  }
  return lineDecorations.get(key);
}

// By its first letter; undefined where there is none.
function directionOf(words) {
  const letter = words.match(/\p{L}/u)?.[0];
  return letter && (RIGHT_TO_LEFT.test(letter) ? "rtl" : "ltr");
}
