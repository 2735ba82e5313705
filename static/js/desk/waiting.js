// Files that were added to a text and have not arrived, in this browser, until they have or are thrown away.
// A record: key, who, place, address, tab, title (of the form, as in local-drafts.js), order, name, size, isPicture, anchor
// (its place in the text, see tracked-positions.js), alt, caption, decorative, media (what the server answered), isLinked.
// The content lies beside the records, so that a moved place writes no megabytes.

import { Database } from "./indexed-db.js";

const database = new Database("longrun-files", ["records", "contents"]);

// Every record, in the order in which the files were added.
export async function entries() {
  const found = await database.ask("readonly", (records) => records.getAll());
  return found.sort((a, b) => a.order - b.order);
}

// A new record and what is in its file.
export function add(record, file) {
  return database.ask("readwrite", (records, contents) => {
    contents.put({ key: record.key, file });
    return records.put(record);
  });
}

// Another state of a record; once the server has its file, that need not be kept here.
export function put(record) {
  return database.ask("readwrite", (records, contents) => {
    if (record.media) contents.delete(record.key);
    return records.put(record);
  });
}

export async function content(key) {
  return (await database.ask("readonly", (_records, contents) => contents.get(key)))?.file;
}

export function remove(keys) {
  return database.ask("readwrite", (records, contents) => {
    for (const key of keys) contents.delete(key);
    return [...keys].map((key) => records.delete(key)).pop() ?? records.count();
  });
}
