// What the keyboard does in the text: shortcuts, lists that go on at Return, an address pasted over words.
// Tab stays what it is everywhere: the way on to the next thing.

import { type } from "./typing.js";

const field = document.querySelector("#id_source");
const form = field?.form;

const tool = (selector) => document.querySelector(`markdown-toolbar [${selector}]`);
const SHORTCUTS = {
  s: () => form.querySelector('[name="action"][value="keep"], [name="action"][value="save"]')?.click(),
  b: () => tool('data-md-button="bold"').click(),
  i: () => tool('data-md-button="italic"').click(),
  k: () => {
    const words = field.selectionStart !== field.selectionEnd;
    tool(words ? 'data-md-button="link"' : 'data-tool="own"').click();
  },
};

form?.addEventListener("keydown", (event) => {
  if (event.isComposing || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  const key = event.key.toLowerCase();
  if (!(key in SHORTCUTS) || (key !== "s" && event.target !== field)) return;
  event.preventDefault();
  SHORTCUTS[key]();
});

field?.addEventListener("keydown", (event) => {
  const plain = event.key === "Enter" && !(event.isComposing || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey);
  if (plain && field.selectionStart === field.selectionEnd && goOn(field)) event.preventDefault();
});

// The mark of the next item, after an item; after an empty one the list has ended.
function goOn(field) {
  const at = field.selectionStart;
  const start = field.value.lastIndexOf("\n", at - 1) + 1;
  const line = field.value.slice(start, at);
  const item = line.match(/^(\s*(?:>\s?)*)(?:([-*+])|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?/);
  const quote = line.match(/^\s*(?:>\s?)+/);
  if ((!item && !quote) || insideCode(field.value, start)) return false;
  const mark = item ? item[0] : quote[0];
  if (line.length === mark.length && /^\n|^$/.test(field.value.slice(at, at + 1))) {
    type(field, item?.[1] ?? "", start, at);
    return true;
  }
  if (line.length < mark.length) return false;
  const next = item && `${item[1]}${item[2] ?? `${Number(item[3]) + 1}${item[4]}`}${item[5]}${item[6] ? "[ ] " : ""}`;
  type(field, `\n${next ?? mark}`, at, at);
  return true;
}

function insideCode(text, end) {
  return (text.slice(0, end).match(/^\s{0,3}(```|~~~)/gm)?.length ?? 0) % 2 === 1;
}

field?.addEventListener("paste", (event) => {
  const address = event.clipboardData?.getData("text/plain").trim() ?? "";
  const words = field.value.slice(field.selectionStart, field.selectionEnd);
  if (!/^(https?:\/\/|mailto:)\S+$/i.test(address) || !words.trim() || /\n|^https?:/.test(words)) return;
  event.preventDefault();
  type(field, `[${words}](${address.replace(/\(/g, "%28").replace(/\)/g, "%29")})`);
});
