// A database in this browser (IndexedDB): stores of rows, each found by its `key`.

export class Database {
  constructor(name, stores) {
    this.name = name;
    this.stores = stores;
  }

  // Calls `deed` with the stores, in the order of their names, and answers the result of the request that it returns.
  // Done is done when the transaction is, not when the request is.
  async ask(mode, deed) {
    this.opened ??= this.open();
    const transaction = (await this.opened).transaction(this.stores, mode);
    return new Promise((resolve, reject) => {
      const request = deed(...this.stores.map((store) => transaction.objectStore(store)));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  open() {
    return new Promise((resolve, reject) => {
      const request = indexedDB.open(this.name, 1);
      request.onupgradeneeded = () => {
        for (const store of this.stores) request.result.createObjectStore(store, { keyPath: "key" });
      };
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
  }
}
