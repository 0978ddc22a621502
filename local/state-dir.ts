import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Where a state directory keeps what. */
export interface StatePaths {
  /** DynamoDB Local's database. */
  database: string
  /** The stand-ins' own state, a file each. */
  standIns: string
  secrets: string
  /** The extension, built for this start. */
  extension: string
  /** What a running start tells the operator's commands; it goes when that ends. */
  operate: string
  /** What the names of the ledger's tables end in, after a restore. */
  tablesSuffix: string
  /** What the backend wrote since the last start. */
  backendLog: string
  /** What went wrong in the stand-ins since the last start. */
  standInsLog: string
}

/** @param stateDir absolute */
export function statePaths(stateDir: string): StatePaths {
  return {
    database: join(stateDir, 'dynamodb'),
    standIns: join(stateDir, 'stand-ins'),
    secrets: join(stateDir, 'secrets.json'),
    extension: join(stateDir, 'extension'),
    operate: join(stateDir, 'operate.json'),
    tablesSuffix: join(stateDir, 'tables-suffix'),
    backendLog: join(stateDir, 'backend.log'),
    standInsLog: join(stateDir, 'stand-ins.log'),
  }
}

/** Makes the directory for its owner alone, when it isn't there. */
export async function makeStateDir(stateDir: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 })
}

/** Deletes what this project keeps in a state directory, and nothing else that may be there. */
export async function forgetState(stateDir: string): Promise<void> {
  const paths = Object.values(statePaths(stateDir))
  await Promise.all(paths.map(path => rm(path, { recursive: true, force: true })))
}
