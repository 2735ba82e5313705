// How the text looks in the rich editor: like the page (static/css/prose.css), with its marks in a quieter ink. Colours and
// sizes come from tokens.css; `.write__editor` in write.css sets those of the page's text.

import { EditorView, HighlightStyle, syntaxHighlighting, tags } from "../../vendor/codemirror-6/codemirror.js";

// `.i2 { --i: 2 }`: numbers that the rules below count with.
function levels(name, most) {
  return Object.fromEntries(Array.from({ length: most }, (_each, at) => [`.${name}${at + 1}`, { [`--${name}`]: `${at + 1}` }]));
}

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--serif)", fontSize: "var(--text-1)", lineHeight: "1.6", overflow: "clip" }, // if visible, phones jump to the top
  ".cm-content": {
    minBlockSize: "55vh",
    padding: "0.3rem 0",
    caretColor: "var(--ink)",
    fontVariantNumeric: "oldstyle-nums",
    overflowWrap: "anywhere",
    tabSize: "4",
  },
  ".cm-placeholder": { color: "var(--ink-soft)", opacity: "1" },

  // A line is as deep in lists (--i) and quotes (--q) as its marks say, and these stand in the space before its words.
  ".cm-line": {
    position: "relative",
    padding: "0",
    paddingInlineStart: "calc(var(--q, 0) * 1.25em + var(--i, 0) * 1.4em)",
    textIndent: "calc(var(--qm, 0) * -1.25em + var(--im, 0) * -1.4em)",
  },
  ".cm-line > *": { textIndent: "0" },
  ...levels("i", 6),
  ...levels("im", 6),
  ...levels("of", 6),
  ...levels("q", 3),
  ...levels("qm", 3),
  ".q1, .q2, .q3": { fontStyle: "italic" },
  ":is(.q1, .q2, .q3)::before": {
    content: '""',
    position: "absolute",
    insetBlock: "0",
    insetInlineStart: "0",
    borderInlineStart: "1px solid var(--edge)",
  },
  ":is(.q1, .q2, .q3) .em": { fontStyle: "normal" },
  ".callout": { fontStyle: "normal", backgroundColor: "var(--shade)", "--callout": "var(--accent)" },
  ".callout--important": { "--callout": "var(--code-word)" },
  ".callout--warning": { "--callout": "var(--code-number)" },
  ".callout--caution": { "--callout": "var(--alarm)" },
  ".callout .em": { fontStyle: "italic" },
  ".callout::before": { borderInlineStart: "3px solid var(--callout)" },
  // Its letters are smaller, and its mark keeps the room of the other lines.
  ".callout__title": { color: "var(--callout)", font: "600 0.8em/1.8 var(--sans)", "--wide": "calc(1.25em / 0.8)", paddingInlineStart: "var(--wide)", textIndent: "calc(var(--wide) * -1)" },
  ".callout__title .quote-mark": { "--em": "var(--wide)" },
  ".callout__kind": { textTransform: "uppercase", fontVariantCaps: "all-small-caps", letterSpacing: "0.03em" },
  ".quote-mark, .list-mark": {
    display: "inline-block",
    fontStyle: "normal",
    fontVariantNumeric: "lining-nums",
    minInlineSize: "calc(var(--of, 1) * var(--em))",
    textIndent: "0",
    textAlign: "end",
    whiteSpace: "pre",
  },
  ".quote-mark": { "--em": "1.25em" },
  ".list-mark": { "--em": "1.4em" },
  ".indent": { display: "inline-block", inlineSize: "0", overflow: "hidden", whiteSpace: "pre", verticalAlign: "top" },

  ".h": { fontWeight: "600", lineHeight: "1.25", paddingBlock: "var(--space-1)", textWrap: "balance" },
  ".h1": { fontSize: "var(--text-3)" },
  ".h2": { fontSize: "var(--text-2)" },
  ".h4, .h5, .h6": { fontStyle: "italic", fontWeight: "400" },
  ".strong": { fontWeight: "700" },
  ".em": { fontStyle: "italic" },
  ".strike": { textDecoration: "line-through", color: "var(--ink-soft)" },
  ".sup, .note": { verticalAlign: "super", fontSize: "0.72em", lineHeight: "0" },
  ".sub": { verticalAlign: "sub", fontSize: "0.72em", lineHeight: "0" },
  ".highlight": { backgroundColor: "var(--mark)" },
  ".math": { fontFamily: "var(--mono)", fontSize: "0.86em", fontVariantLigatures: "none", fontVariantNumeric: "normal" },
  ".inline-note": { fontSize: "0.86em", color: "var(--ink-soft)" },
  ".abbreviation": { color: "var(--ink-soft)", fontSize: "0.86em" },
  ".link, .note": { color: "var(--accent)" },
  ".link": { textDecoration: "underline", textDecorationThickness: "from-font", textUnderlineOffset: "0.18em", cursor: "text" },
  ".url": { color: "var(--ink-soft)", fontFamily: "var(--sans)", fontSize: "0.8em", fontStyle: "normal", fontWeight: "400" },
  ".mark": { color: "var(--ink-soft)", fontWeight: "400" },
  ".is-here .mark": { color: "var(--ink)" },
  ".bullet": { color: "var(--ink-soft)" },
  ".checkbox": { inlineSize: "1.1rem", blockSize: "1.1rem", margin: "0", verticalAlign: "-0.15em", accentColor: "var(--accent)" },
  ".done": { color: "var(--ink-soft)" },

  ".code": { fontFamily: "var(--mono)", fontSize: "0.86em", fontVariantLigatures: "none", fontVariantNumeric: "normal", backgroundColor: "var(--shade)", padding: "0.1em 0.3em", borderRadius: "var(--round)" },
  ".pre": {
    backgroundColor: "var(--shade)",
    direction: "ltr",
    fontFamily: "var(--mono)",
    fontSize: "0.8em",
    fontVariantLigatures: "none",
    fontVariantNumeric: "normal",
    lineHeight: "1.55",
    paddingInline: "1rem",
  },
  ".pre--first": { paddingBlockStart: "0.5em", borderStartStartRadius: "var(--round)", borderStartEndRadius: "var(--round)" },
  ".pre--last": { paddingBlockEnd: "0.5em", borderEndStartRadius: "var(--round)", borderEndEndRadius: "var(--round)" },
  ".html": { color: "var(--ink-soft)", fontFamily: "var(--mono)", fontSize: "0.8em", fontVariantNumeric: "normal" },
  ".table": { fontFamily: "var(--mono)", fontSize: "0.8em", fontVariantLigatures: "none", fontVariantNumeric: "lining-nums tabular-nums", lineHeight: "1.9", borderBlockEnd: "1px solid var(--rule)" },
  ".table--head": { fontWeight: "700" },
  ".space": { display: "inline-block" },
  ".rule": { textAlign: "center", color: "var(--ink-soft)" },
  ".more": { color: "var(--ink-soft)", font: "var(--text-0)/1.5 var(--sans)" },

  ".pictures": { display: "inline-flex", flexWrap: "wrap", gap: "0.75rem", inlineSize: "100%", marginBlock: "0.35rem 0", textIndent: "0", verticalAlign: "top", whiteSpace: "normal" },
  ".picture": { margin: "0", maxInlineSize: "100%" },
  ".picture img": { display: "block", maxInlineSize: "100%", blockSize: "13rem", objectFit: "contain", objectPosition: "left", borderRadius: "var(--round)", filter: "var(--dim)", backgroundColor: "var(--shade)" },
  ".picture figcaption": { color: "var(--ink-soft)", font: "var(--text-0)/1.5 var(--sans)", fontVariantNumeric: "normal", marginBlockStart: "0.25rem" },
  ".is-picture": { color: "var(--ink-soft)", font: "var(--text-0)/1.5 var(--sans)" },
});

// The five colours of code, as in static/css/code.css.
const code = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword, tags.modifier, tags.tagName], color: "var(--code-word)" },
  { tag: [tags.string, tags.inserted, tags.regexp], color: "var(--code-text)" },
  { tag: [tags.comment], color: "var(--code-note)", fontStyle: "italic" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: "var(--code-number)" },
  {
    tag: [tags.definition(tags.variableName), tags.propertyName, tags.attributeName, tags.className, tags.standard(tags.name)],
    color: "var(--code-name)",
  },
  { tag: tags.deleted, color: "var(--alarm)" },
]);

export const theme = [look, syntaxHighlighting(code)];
