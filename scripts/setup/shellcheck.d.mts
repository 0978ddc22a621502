import type { SystemKind } from './system.mjs'

export function ensureShellcheck(): Promise<void>
export function explainShellcheck(system: SystemKind): string
