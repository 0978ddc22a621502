import type { SystemKind } from './system.mjs'

export function ensureJava(): Promise<void>
export function javaMajor(output: string): number | undefined
export function explainJava(found: number | undefined, system: SystemKind, aptPackage: string): string
