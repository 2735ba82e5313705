// Makes the two modules beside it, their licences and bundle.json from the packages in package-lock.json:
//
//     npm ci --ignore-scripts && node build.mjs
//
// Nobody needs it to run or edit Longrun, only to take newer packages: change package.json, then
// `npm install --ignore-scripts --omit-lockfile-registry-resolved`. tests/blog/test_codemirror_bundle.py compares all of it.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

const BUNDLES = {
  "codemirror.js": `
    export { Annotation, ChangeSet, Compartment, EditorSelection, EditorState, Prec, RangeSet, StateEffect, StateField,
      Transaction } from "@codemirror/state";
    export { Decoration, EditorView, ViewPlugin, WidgetType, keymap, placeholder } from "@codemirror/view";
    export { history, historyKeymap, insertNewline, isolateHistory, redo, standardKeymap, undo } from "@codemirror/commands";
    export { HighlightStyle, Language, LanguageSupport, StreamLanguage, defineLanguageFacet, ensureSyntaxTree,
      forceParsing, syntaxHighlighting, syntaxTree } from "@codemirror/language";
    export { GFM, parseCode, parser } from "@lezer/markdown";
    export { tags } from "@lezer/highlight";
    export { c, cpp, csharp, java, kotlin } from "@codemirror/legacy-modes/mode/clike";
    export { css } from "@codemirror/legacy-modes/mode/css";
    export { diff } from "@codemirror/legacy-modes/mode/diff";
    export { go } from "@codemirror/legacy-modes/mode/go";
    export { html, xml } from "@codemirror/legacy-modes/mode/xml";
    export { javascript, json, typescript } from "@codemirror/legacy-modes/mode/javascript";
    export { python } from "@codemirror/legacy-modes/mode/python";
    export { ruby } from "@codemirror/legacy-modes/mode/ruby";
    export { rust } from "@codemirror/legacy-modes/mode/rust";
    export { shell } from "@codemirror/legacy-modes/mode/shell";
    export { toml } from "@codemirror/legacy-modes/mode/toml";
    export { yaml } from "@codemirror/legacy-modes/mode/yaml";
  `,
  "turndown.js": `
    export { default as TurndownService } from "turndown";
    export { strikethrough, tables } from "@joplin/turndown-plugin-gfm";
  `,
};

const here = (name) => new URL(name, import.meta.url);
const sha256 = (content) => createHash("sha256").update(content).digest("hex");
const lock = JSON.parse(readFileSync(here("package-lock.json"))).packages;
const licences = new Map();
const bundles = {};

for (const [name, contents] of Object.entries(BUNDLES)) {
  const made = await build({
    stdin: { contents, resolveDir: fileURLToPath(here(".")) },
    bundle: true,
    charset: "utf8",
    format: "esm",
    legalComments: "none",
    logLevel: "warning",
    metafile: true,
    minify: true,
    platform: "browser",
    target: "es2022",
    write: false,
  });
  const inputs = Object.values(made.metafile.outputs)[0].inputs;
  const used = Object.keys(inputs).filter((path) => inputs[path].bytesInOutput && path.includes("node_modules/"));
  const folders = [...new Set(used.map((path) => path.match(/node_modules\/(?:@[^/]+\/)?[^/]+/)[0]))].sort();
  const packages = folders.map((folder) => {
    const { license, version } = lock[folder];
    const text = readFileSync(here(`${folder}/LICENSE`), "utf8").trim();
    licences.set(text, [...(licences.get(text) ?? []), `${folder.slice(13)} ${version} (${license})`]);
    return `${folder.slice(13)} ${version} ${license}`;
  });
  const text = `// Made by build.mjs of ${packages.length} packages; LICENSES names them.\n${made.outputFiles[0].text}`;
  writeFileSync(here(name), text);
  bundles[name] = { sha256: sha256(text), gzip: gzipSync(text, { level: 9 }).length, packages };
}

const parts = [...licences].map(([text, names]) => `${[...new Set(names)].sort().join("\n")}\n\n${text}\n`);
writeFileSync(here("LICENSES"), parts.sort().join(`\n${"-".repeat(80)}\n\n`));
const madeOf = Object.fromEntries(
  ["build.mjs", "package.json", "package-lock.json"].map((name) => [name, sha256(readFileSync(here(name)))]),
);
writeFileSync(here("bundle.json"), `${JSON.stringify({ madeOf, bundles }, null, 2)}\n`);
