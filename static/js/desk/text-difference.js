// What changed between two states of a text: { from, to, length } says that what stood from `from` to `to` is `length`
// long now. Of several readings ("aa" to "aaa") the one that ends where the writer stands.

export function difference(old, now, caret) {
  return atCaret(old, now, caret) ?? anywhere(old, now, caret);
}

// What a key does: letters come before the caret or go behind it, and all else is as it was. Whole strings are compared,
// which costs a long text nothing that is felt.
function atCaret(old, now, caret) {
  const grown = now.length - old.length;
  const from = Math.min(caret, caret - grown);
  const to = from + Math.max(0, -grown);
  if (from < 0 || old.slice(0, from) !== now.slice(0, from) || old.slice(to) !== now.slice(caret)) return null;
  return { from, to, length: caret - from };
}

function anywhere(old, now, caret) {
  const shorter = Math.min(old.length, now.length);
  const measure = (most) => {
    let after = 0;
    while (after < most && old[old.length - 1 - after] === now[now.length - 1 - after]) after += 1;
    let from = 0;
    while (from < shorter - after && old[from] === now[from]) from += 1;
    return { from, to: old.length - after, length: now.length - after - from };
  };
  const [near, least] = [measure(Math.min(shorter, now.length - caret)), measure(shorter)];
  return near.length <= least.length ? near : least;
}
