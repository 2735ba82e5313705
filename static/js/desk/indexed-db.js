// A database in this browser (IndexedDB): stores of rows, each found by its `key`.

export class Database {
  constructor(name, stores) {
    this.name = name;
    this.stores = stores;
  }

  // Calls `callback` with the stores, in the order of their names, and resolves to the result of the request that it returns.
  // It resolves when the transaction is complete, which is later than the request.
  async ask(mode, callback) {
    this.opened ??= this.open();
    const transaction = (await this.opened).transaction(this.stores, mode);
    return new Promise((resolve, reject) => {
      const request = callback(...this.stores.map((store) => transaction.objectStore(store)));
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
