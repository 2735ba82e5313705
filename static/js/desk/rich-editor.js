// CodeMirror as the editor of the write page: the text stays Markdown, to the letter, and looks like the page. It lives in
// a shadow root, where it may style itself under the strict Content-Security-Policy (by adopted style sheets). The
// plain field stays behind it; editor.js puts the text there, and says what each function is for.

import {
  Compartment,
  EditorSelection,
  EditorState,
  EditorView,
  Transaction,
  history,
  historyKeymap,
  insertNewline,
  isolateHistory,
  keymap,
  placeholder,
  standardKeymap,
} from "../../vendor/codemirror-6/codemirror.js";
import { decorations } from "./editor-decorations.js";
import { markdown } from "./editor-languages.js";
import { theme } from "./editor-theme.js";
import { difference } from "./text-difference.js";

// `tell(changes, isTheirs)` is called after each change, `whenReturn` when Return is pressed.
export async function open(element, plain, tell, whenReturn) {
  const { field } = plain;
  const node = Object.assign(document.createElement("div"), { className: "write__rich", hidden: true });
  const root = node.attachShadow({ mode: "open" });
  const form = field.closest("form");
  const box = form.elements.extended_markdown; // absent where the text is HTML
  const syntax = new Compartment();
  let isLoading = false;
  let words = null; // the text as a string, made when it is asked for

  const extensions = [
    history(),
    keymap.of([
      { key: "Enter", run: (view) => whenReturn() || insertNewline(view), shift: insertNewline },
      ...historyKeymap,
      ...standardKeymap.filter(({ key }) => key !== "Enter"),
    ]),
    EditorView.lineWrapping,
    EditorView.perLineTextDirection.of(true),
    EditorState.tabSize.of(4),
    EditorView.scrollMargins.of(() => covered(form)),
    placeholder(field.placeholder),
    decorations(element.dataset),
    theme,
    EditorView.updateListener.of((update) => {
      if (update.docChanged && !isLoading) tellOf(update);
    }),
  ];
  const view = new EditorView({ root, parent: root, state: fresh(field.value) });
  // What the keyboard does inside is told by `tell`, once for all ways of typing.
  root.addEventListener("input", (event) => event.stopPropagation());
  box?.addEventListener("input", () => view.dispatch({ effects: syntax.reconfigure(dialect()) }));
  element.append(node);

  function fresh(doc) {
    const more = [syntax.of(dialect()), EditorView.contentAttributes.of(named(field))];
    return EditorState.create({ doc, extensions: [extensions, more] });
  }

  function dialect() {
    return markdown[box?.checked ? "extended" : "plain"];
  }

  function tellOf({ changes, transactions }) {
    const told = [];
    changes.iterChanges((fromA, toA, fromB, toB) => told.push({ from: fromB, to: fromB + toA - fromA, length: toB - fromB }));
    words = null;
    tell(told, transactions.some((each) => each.annotation(Transaction.userEvent)));
  }

  function dispatch(from, to, insert, facts) {
    view.dispatch({
      changes: { from, to, insert },
      annotations: [isolateHistory.of("full"), Transaction.userEvent.of("input")],
      ...facts,
    });
  }

  return {
    node,

    text: () => (words ??= view.state.doc.toString()),

    selection() {
      const { from, to } = view.state.selection.main;
      return { start: from, end: to };
    },

    select(start, end = start) {
      const last = view.state.doc.length;
      view.dispatch({
        selection: EditorSelection.range(Math.min(start, last), Math.min(end, last)),
        scrollIntoView: view.hasFocus,
      });
    },

    hasFocus: () => document.activeElement === node,

    focus: () => view.focus(),

    replace(from, to, insert) {
      view.focus();
      if (!insert && from === to) return void this.select(from);
      dispatch(from, to, insert, { selection: { anchor: from + insert.length }, scrollIntoView: true });
    },

    replaceQuietly(from, to, insert, after) {
      dispatch(from, to, insert, { selection: { anchor: after.start, head: after.end } });
    },

    isComposing: () => view.composing || view.compositionStarted,

    load(other) {
      const change = difference(this.text(), other, other.length);
      this.take(other);
      tell([change], false);
    },

    // What stands in the field is the text now, and there is nothing to undo.
    take(other) {
      isLoading = true;
      view.setState(fresh(other));
      isLoading = false;
      words = null;
    },

    lineTop(at) {
      const { top } = view.lineBlockAt(Math.min(at, view.state.doc.length));
      return view.documentTop + top - element.getBoundingClientRect().top;
    },
  };
}

// What the field is called and what is wrong with it. Ids do not reach into a shadow root, so the words themselves go in.
function named(field) {
  const words = (ids) =>
    (ids ?? "").split(/\s+/).map((id) => document.getElementById(id)?.textContent.trim()).filter(Boolean).join(" ");
  const described = words(field.getAttribute("aria-describedby"));
  return {
    "aria-label": field.labels[0]?.textContent.trim() ?? "",
    "aria-multiline": "true",
    ...(described && { "aria-description": described }),
    ...(field.getAttribute("aria-invalid") && { "aria-invalid": field.getAttribute("aria-invalid") }),
    autocapitalize: "sentences",
    autocorrect: "on",
    role: "textbox",
    spellcheck: "true",
    writingsuggestions: "true",
  };
}

// How much of the window the tools above the text and the line below it cover.
function covered(form) {
  const tools = form.querySelector(".tools");
  const line = form.querySelector(".write__line");
  return { top: (tools?.offsetHeight ?? 0) + 8, bottom: (line ? innerHeight - Math.min(innerHeight, line.getBoundingClientRect().top) : 0) + 8 };
}
