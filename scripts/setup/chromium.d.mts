import type { SystemKind } from './system.mjs'

/** The Chromium or Chrome that the browser tests use; undefined when there is none. */
export function findChromium(env?: NodeJS.ProcessEnv): string | undefined
export function ensureChromium(): Promise<void>
export function explainChromium(chromiumPath: string | undefined, system: SystemKind): string
