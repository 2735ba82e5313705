// Which pictures of the library are decorative, so that the editor does not ask for an alternative text there. What a page
// has learned of its own uploads is known at once; the rest is asked of the server, in one request for all in sight.

import { PATIENCE } from "./editor-session.js";

const MOST = 100; // names in one request
const known = new Map(); // by name
const listeners = new Set();
const wanted = new Set();
let timer = 0;

function nameIn(path) {
  return path.match(/^\/media\/([0-9a-f]{32})\//)?.[1];
}

// What is said of one: true, false, or undefined while `address` is asked.
export function isDecorative(path, address) {
  const name = nameIn(path);
  if (!name || !address) return false;
  if (!known.has(name)) {
    known.set(name, undefined);
    wanted.add(name);
    timer ||= setTimeout(() => ask(address));
  }
  return known.get(name);
}

// `media` is what the server answered, or what the writer has just said of it.
export function learn({ url, decorative }) {
  const name = nameIn(url);
  if (!name || known.get(name) === Boolean(decorative)) return;
  known.set(name, Boolean(decorative));
  for (const listener of listeners) listener();
}

// Calls back when more is known; answers with what ends that.
export function watchDecorative(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

async function ask(address) {
  const names = [...wanted].slice(0, MOST);
  for (const name of names) wanted.delete(name);
  timer = wanted.size ? setTimeout(() => ask(address)) : 0;
  try {
    const query = new URLSearchParams(names.map((name) => ["decorative", name]));
    const headers = { Accept: "application/json" };
    const answer = await fetch(`${address}?${query}`, { headers, signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(answer.status);
    const { decorative } = await answer.json();
    for (const name of names) if (known.get(name) === undefined) known.set(name, decorative.includes(name));
  } catch {
    for (const name of names) if (known.get(name) === undefined) known.delete(name); // asked again when it is drawn anew
    return;
  }
  for (const listener of listeners) listener();
}
