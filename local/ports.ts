import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { StartProblem } from './start-problem.ts'

/** Whether a TCP port of 127.0.0.1 can be listened on now. */
function isPortFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}

/**
 * Makes sure that a port can be listened on. It waits a little for a former copy that is just ending.
 *
 * @param variable the environment variable that sets the port
 * @throws {StartProblem} when another program keeps it
 */
export async function requireFreePort(port: number, variable: string, waitMs = 2_500): Promise<void> {
  const deadline = Date.now() + waitMs
  while (!(await isPortFree(port))) {
    if (Date.now() > deadline) {
      throw new StartProblem(
        `Port ${port} is in use by another program. Stop that one, or choose another port: ${variable}=${port + 100} npm start`,
      )
    }
    await sleep(100)
  }
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => {
        if (address === null || typeof address === 'string') reject(new Error('No TCP port was given.'))
        else resolve(address.port)
      })
    })
  })
}
