export type SystemKind = 'debian' | 'ubuntu' | 'fedora' | 'macos' | 'other'
export function systemKind(platform: string, osRelease: string): SystemKind
export function thisSystem(): Promise<SystemKind>
export function isRoot(): boolean
export function firstKnownToApt(names: string[]): Promise<string | undefined>
export function installByApt(what: string, names: string[]): Promise<string | undefined>
