export interface LockedPackage {
  version?: string
  integrity?: string
  optional?: boolean
}
export interface Lockfile {
  packages: Record<string, LockedPackage>
}
export function ensureDependencies(): Promise<void>
export function isStale(wanted: Lockfile, installed: Lockfile | undefined): boolean
export function explainNpmFailure(output: string): string
export function explainNpmVersion(version: string | undefined): string | undefined
export function withoutPackageBins(path: string): string
