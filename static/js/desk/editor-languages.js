// Markdown as blog/markup reads it (GitHub's, and what is on for some posts only), and the languages of code in it.

import {
  GFM,
  Language,
  LanguageSupport,
  StreamLanguage,
  c,
  cpp,
  csharp,
  css,
  defineLanguageFacet,
  diff,
  go,
  html,
  java,
  javascript,
  json,
  kotlin,
  parseCode,
  parser,
  python,
  ruby,
  rust,
  shell,
  toml,
  typescript,
  xml,
  yaml,
} from "../../vendor/codemirror-6/codemirror.js";
import { extendedMarkdown } from "./editor-extended-markdown.js";

const MODES = { c, cpp, csharp, css, diff, go, html, java, javascript, json, kotlin, python, ruby, rust, shell, toml, typescript, xml, yaml };
const ALIASES = {
  "c++": "cpp", "c#": "csharp", bash: "shell", console: "shell", cs: "csharp", golang: "go", h: "c", hpp: "cpp", htm: "html",
  js: "javascript", jsx: "javascript", kt: "kotlin", mjs: "javascript", patch: "diff", py: "python", python3: "python",
  rb: "ruby", rs: "rust", sh: "shell", svg: "xml", ts: "typescript", tsx: "typescript", yml: "yaml", zsh: "shell",
}; // prettier-ignore
const parsers = new Map();

// `info` is what stands behind the fence: the language and more.
function codeParser(info) {
  const word = info.match(/^[\w+#-]*/)[0].toLowerCase();
  const name = Object.hasOwn(ALIASES, word) ? ALIASES[word] : word;
  if (!Object.hasOwn(MODES, name)) return null;
  if (!parsers.has(name)) parsers.set(name, StreamLanguage.define(MODES[name]).parser);
  return parsers.get(name);
}

const data = defineLanguageFacet({ commentTokens: { block: { open: "<!--", close: "-->" } } });

function support(...more) {
  return new LanguageSupport(new Language(data, parser.configure([GFM, parseCode({ codeParser }), ...more]), [], "markdown"));
}

export const markdown = { plain: support(), extended: support(extendedMarkdown) };
