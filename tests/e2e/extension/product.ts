import type { TestProject } from 'vitest/node'
import { endAll, newPlace, npmStart, type Running } from '../support.ts'
import { buildForTests } from './browser.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    readonly apiUrl: string
    readonly localUrl: string
    readonly extensionDir: string
  }
}

/** Seconds of a lease here: a test sees several. */
export const leaseSeconds = 18

/** One `npm start` and one build of the extension for all files, with leases that are short enough to see renewed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const place = await newPlace({
    LIVE_LEASE_SECONDS: String(leaseSeconds),
    LIVE_SHORTEST_LEASE_SECONDS: '6',
    LIVE_SHORTEST_SESSION_SECONDS: '6',
    LIVE_RENEW_WINDOW_SECONDS: '5',
    LIVE_ALLOWANCE_PER_HOUR: '20',
  })
  const running: Running = await npmStart(place)
  project.provide('apiUrl', running.apiUrl)
  project.provide('localUrl', running.localUrl)
  project.provide('extensionDir', await buildForTests(running.apiUrl))
  return async () => {
    await running.interrupt()
    endAll()
  }
}
