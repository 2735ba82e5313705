// What is pasted into the text: an address over words links them; what comes from a word processor or a web page becomes
// Markdown, unless Shift says that it is to stay plain.

import { insideCode, linkText } from "./formatting.js";
import { element, replace, selection, text } from "./editor.js";

const PROGRAMS = ["vscode-editor-data"]; // what they copy is plain text, whatever colours they send along

let isShifted = false;

for (const name of ["keydown", "keyup"]) {
  element?.addEventListener(name, ({ shiftKey }) => (isShifted = shiftKey), { capture: true });
}

element?.addEventListener("paste", (event) => {
  const { clipboardData } = event;
  if (!clipboardData || event.defaultPrevented) return;
  if (linkWords(clipboardData.getData("text/plain").trim()) || convert(clipboardData)) event.preventDefault();
}, { capture: true }); // before the editor itself

function linkWords(address) {
  const { start, end } = selection();
  const words = text().slice(start, end);
  if (!/^(https?:\/\/|mailto:)\S+$/i.test(address) || !words.trim() || /\n|^https?:|\]\(/.test(words)) return false;
  replace(start, end, `[${linkText(words)}](${address.replace(/\(/g, "%28").replace(/\)/g, "%29")})`);
  return true;
}

// Answers whether the text is taken care of: what converts it may have to be loaded first.
function convert(clipboardData) {
  const html = clipboardData.getData("text/html");
  const plain = clipboardData.getData("text/plain");
  if (!html || !plain.trim() || isShifted || PROGRAMS.some((type) => clipboardData.types.includes(type))) return false;
  if (insideCode(text(), selection().start)) return false;
  insert(html, plain);
  return true;
}

async function insert(html, plain) {
  let words = "";
  try {
    const { toMarkdown } = await import("./html-to-markdown.js");
    words = toMarkdown(html);
  } catch {
    // It did not load, or cannot read this: the words themselves are there.
  }
  const { start, end } = selection();
  if (!words) return replace(start, end, plain.replace(/\r\n?/g, "\n"));
  const [before, after] = [text().slice(0, start), text().slice(end)];
  const isBlock = /^(#{1,6} |[-*+] |\d+\. |> |\||```|---$)/;
  const gap = isBlock.test(words) && /\S/.test(before) ? "\n".repeat(Math.max(0, 2 - before.match(/\n*$/)[0].length)) : "";
  const last = words.split("\n").at(-1).trimStart();
  const rest = isBlock.test(last) && /\S/.test(after) ? "\n".repeat(Math.max(0, 2 - after.match(/^\n*/)[0].length)) : "";
  replace(start, end, gap + words + rest);
}
