// What was typed and has not reached the server, in this browser's IndexedDB: one entry for each form and tab.
// An entry: key, who, place, kind, address, tab, count, title, fields [[name, value] …], at (milliseconds).

const STORE = "typed";
let opened;

// Every entry, newest first; none where the browser keeps nothing.
export async function entries() {
  const found = await ask("readonly", (store) => store.getAll());
  return found.sort((a, b) => b.at - a.at);
}

export function put(entry) {
  return ask("readwrite", (store) => store.put(entry));
}

export function remove(key) {
  return ask("readwrite", (store) => store.delete(key));
}

// Takes an entry away unless more was typed into it than `count` says.
export function confirm(key, count) {
  return ask("readwrite", (store) => {
    const read = store.get(key);
    read.onsuccess = () => read.result && read.result.count <= count && store.delete(key);
    return read;
  });
}

// Done is done when the transaction is, not when the request is.
async function ask(mode, deed) {
  opened ??= open();
  const transaction = (await opened).transaction(STORE, mode);
  return new Promise((resolve, reject) => {
    const request = deed(transaction.objectStore(STORE));
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
}

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("longrun", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
