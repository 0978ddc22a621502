import { createHash } from 'node:crypto'
import { realpath, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { StartProblem } from './start-problem.ts'

/**
 * Keeps a second copy away from the same state directory for as long as this process lives. The lock is a socket
 * that only a living process can answer, so a crash leaves nothing behind that has to be cleaned up.
 *
 * @param stateDir must exist
 * @param owner a line that a second copy is told, such as the page's address
 * @returns lets the directory go
 * @throws {StartProblem} when another copy has it
 */
export async function lockStateDir(stateDir: string, owner: string): Promise<() => Promise<void>> {
  const name = createHash('sha256')
    .update(await realpath(stateDir))
    .digest('hex')
    .slice(0, 16)
  // A socket's path may be no longer than about 100 characters, so it can't be in the directory itself.
  const path = join(tmpdir(), `live-transcription-${name}.sock`)

  const server = (await listen(path, owner)) ?? (await takeOver(path, owner))
  if (server === undefined) throw await inUse(path, stateDir)
  return () => new Promise(resolve => server.close(() => resolve()))
}

async function listen(path: string, owner: string): Promise<Server | undefined> {
  const server = createServer(socket => {
    socket.on('error', () => undefined)
    socket.end(owner)
  })
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined)
      else reject(error)
    })
    server.listen(path, () => resolve(server.unref()))
  })
}

/** Takes the place of a copy that is gone, and whose socket therefore nobody answers. */
async function takeOver(path: string, owner: string): Promise<Server | undefined> {
  if ((await ask(path)) !== undefined) return undefined
  await unlink(path).catch(() => undefined)
  return listen(path, owner)
}

async function inUse(path: string, stateDir: string): Promise<StartProblem> {
  const owner = await ask(path)
  return new StartProblem(
    `Another copy is running with the state in ${stateDir}${owner ? ` (${owner})` : ''}. ` +
      'Stop that one, or give this one its own state and ports:\n' +
      '  LOCAL_STATE_DIR=.local/second PORT=3100 LOCAL_PORT=4100 npm start',
  )
}

/** What the copy that holds the socket says of itself; undefined when nobody answers. */
function ask(path: string): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect(path)
    socket.once('error', () => resolve(undefined))
    socket.once('connect', () => text(socket).then(resolve, () => resolve(undefined)))
  })
}
