// Drafts in this browser: what was typed and has not reached the server, one entry for each form and tab.
// An entry: key, who, place, kind, address, tab, count, title, fields [[name, value] …], changed (names of fields, or
// null where it is not known), at (milliseconds).

import { Database } from "./indexed-db.js";

const database = new Database("longrun", ["typed"]);

// Every entry, newest first; none where the browser keeps nothing.
export async function entries() {
  const found = await database.ask("readonly", (typed) => typed.getAll());
  return found.sort((a, b) => b.at - a.at);
}

export function put(entry) {
  return database.ask("readwrite", (typed) => typed.put(entry));
}

export function remove(key) {
  return database.ask("readwrite", (typed) => typed.delete(key));
}

// Takes an entry away unless more was typed into it than `count` says.
export function confirm(key, count) {
  return database.ask("readwrite", (typed) => {
    const read = typed.get(key);
    read.onsuccess = () => read.result && read.result.count <= count && typed.delete(key);
    return read;
  });
}
