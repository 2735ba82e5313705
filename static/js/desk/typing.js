// Changes to a text field that the browser's undo takes back, as if somebody had typed them.

export function type(field, text, start = field.selectionStart, end = field.selectionEnd) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(start, end);
  if (!text && start === end) return;
  const typed = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (typed) return;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

// The whole lines that the selection touches.
export function lines(field) {
  const start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const after = field.value.indexOf("\n", Math.max(field.selectionEnd - (field.selectionEnd > start ? 1 : 0), start));
  const end = after < 0 ? field.value.length : after;
  return { start, end, text: field.value.slice(start, end) };
}

// Replaces some text wherever it stands now, and leaves the writer where they were.
export function swap(field, old, text) {
  const at = field.value.indexOf(old);
  if (at < 0) return false;
  const before = document.activeElement;
  const moved = (place) => (place <= at ? place : Math.max(at, place + text.length - old.length));
  const [start, end] = [moved(field.selectionStart), moved(field.selectionEnd)];
  type(field, text, at, at + old.length);
  field.setSelectionRange(start, end);
  if (before !== field) before?.focus?.({ preventScroll: true });
  return true;
}
