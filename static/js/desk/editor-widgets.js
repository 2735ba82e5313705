// What the rich editor puts between the words: bullets, the boxes of tasks, pictures.

import { EditorView, WidgetType } from "../../vendor/codemirror-6/codemirror.js";
import { isDecorative, watchDecorative } from "./decorative-pictures.js";

const unwatch = new WeakMap(); // by the element of a widget
const TASK = /^\s*(?:>\s?)*(?:[-*+]|\d{1,9}[.)])\s+\[(?=[ xX]\])/;

export class Bullet extends WidgetType {
  eq() {
    return true;
  }

  toDOM() {
    return Object.assign(document.createElement("span"), { className: "bullet", textContent: "•", ariaHidden: "true" });
  }
}

// The box of a task. Its place in the text is asked when it is pressed.
export class Checkbox extends WidgetType {
  constructor(isDone, label, words) {
    super();
    Object.assign(this, { isDone, label, words });
  }

  eq(other) {
    return other.isDone === this.isDone && other.label === this.label;
  }

  toDOM(view) {
    const box = Object.assign(document.createElement("input"), {
      type: "checkbox",
      className: "checkbox",
      checked: this.isDone,
      tabIndex: -1, // the Tab key leads past the text; Ctrl+Return ticks by keyboard
      ariaLabel: this.label,
    });
    box.addEventListener("mousedown", (event) => event.preventDefault()); // the writer stays where they are
    box.addEventListener("click", (event) => {
      event.preventDefault();
      toggle(view, view.posAtDOM(box) + 1, this.words);
    });
    return box;
  }

  ignoreEvent() {
    return true;
  }
}

// Ticks the task in the writer's line, or takes its tick away.
export function toggleTask(view, words) {
  const line = view.state.doc.lineAt(view.state.selection.main.head);
  const found = line.text.match(TASK);
  if (found) toggle(view, line.from + found[0].length, words);
  return Boolean(found);
}

function toggle(view, at, words) {
  const isDone = view.state.doc.sliceString(at, at + 1) !== " ";
  view.dispatch({
    changes: { from: at, to: at + 1, insert: isDone ? " " : "x" },
    effects: EditorView.announce.of(isDone ? words.notDone : words.done),
    userEvent: "input",
  });
}

// The pictures of a line, below it: [{ address, alt, caption }]. Those of other sites are not asked for.
export class Pictures extends WidgetType {
  constructor(pictures, words) {
    super();
    this.pictures = pictures.map((picture) => ({ ...picture, url: ownUrl(picture.address) })).filter(({ url }) => url);
    this.words = words;
    this.key = JSON.stringify(this.pictures);
  }

  eq(other) {
    return other.key === this.key;
  }

  get estimatedHeight() {
    return -1;
  }

  toDOM(view) {
    const box = Object.assign(document.createElement("div"), { className: "pictures" });
    const captions = this.pictures.map((picture) => {
      const { url, alt } = picture;
      const figure = Object.assign(document.createElement("figure"), { className: "picture", dir: "auto" });
      const caption = document.createElement("figcaption");
      figure.append(Object.assign(document.createElement("img"), { src: narrow(url), alt, decoding: "async" }), caption);
      box.append(figure);
      return [caption, picture];
    });
    const say = () => {
      for (const [caption, picture] of captions) {
        caption.textContent = this.said(picture);
        caption.hidden = !caption.textContent;
      }
    };
    say();
    unwatch.set(box, watchDecorative(() => {
      say();
      view.requestMeasure();
    })); // prettier-ignore
    return box;
  }

  said({ url, alt, caption }) {
    const decorative = !alt && isDecorative(url, this.words.media);
    const isMissing = !alt && decorative === false;
    return [caption, decorative ? this.words.decorative : "", isMissing ? this.words.noAlt : ""].filter(Boolean).join(" · ");
  }

  destroy(box) {
    unwatch.get(box)?.();
  }

  ignoreEvent() {
    return false;
  }
}

function ownUrl(address) {
  if (!URL.canParse(address, location)) return null;
  const url = new URL(address, location);
  return url.origin === location.origin ? url.pathname : null;
}

// Files of the library are there in a narrow width, too.
function narrow(path) {
  return path.replace(/^(\/media\/[0-9a-f]{32}\/.+)\.[a-z0-9]+$/i, "$1-480.webp");
}
