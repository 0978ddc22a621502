import 'fake-indexeddb/auto'
import { IDBFactory, forceCloseDatabase as libraryForceClose } from 'fake-indexeddb'

/** It takes a connection; the library's types say that it takes the class. */
const forceCloseDatabase = libraryForceClose as unknown as (connection: IDBDatabase) => void

/** A browser's databases, with nothing in them yet, in place of those that were there. */
export function useFreshDatabases(): void {
  globalThis.indexedDB = new IDBFactory()
}

/** Keeps the connections that are opened from now on, to close them as a browser does that must. */
export function watchConnections(): { closeAll(): void } {
  const connections: IDBDatabase[] = []
  const factory = globalThis.indexedDB
  const open = factory.open.bind(factory)
  factory.open = (name, version) => {
    const request = open(name, version)
    request.addEventListener('success', () => connections.push(request.result))
    return request
  }
  return {
    closeAll: () => {
      for (const connection of connections.splice(0)) forceCloseDatabase(connection)
    },
  }
}
