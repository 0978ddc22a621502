import { type Backend, startBackend, untilHealthy } from './backend.ts'
import { type BackendParts, backendEnvironment } from './backend-environment.ts'
import { createBackendRunner } from './backend-runner.ts'
import { operateFileOf, writeOperateFile } from './operate-file.ts'
import { readServiceDefinition, type ServiceDefinition } from './service-definition.ts'
import { apiUrlOf, type Settings } from './settings.ts'
import { statePaths } from './state-dir.ts'
import { createTables, requireTables, tablesOf } from './tables.ts'
import { writeTablesSuffix } from './tables-suffix.ts'

/** The ledger's tables that a backend runs on, and serverless.yml with their names in it. */
export interface Generation {
  /** What the names end in. */
  suffix: string
  service: Promise<ServiceDefinition>
}

/** Runs the backend on one generation of tables after the other. */
export interface BackendHost {
  /** Resolves once it answers. */
  up: Promise<void>
  /** Resolves with how its process ended, when nobody asked for that. */
  ended: Promise<string>
  /**
   * Starts it anew on other tables, which the next start uses as well; resolves once it answers.
   *
   * @throws {StartProblem} when there are no such tables; then all stays as it was
   */
  useTables(suffix: string): Promise<void>
  close(): Promise<void>
}

export interface BackendHostOptions {
  settings: Settings
  stage: string
  ports: { lambda: number; alb: number; websocket: number }
  /** What runs now; replaced by `useTables`. */
  tables: { current: Generation }
  parts: Omit<BackendParts, 'tablesSuffix'>
}

const healthTimeoutMs = 180_000

/** Which tables there are to run on, of that suffix. */
export function generationOf(stage: string, suffix: string): Generation {
  return { suffix, service: readServiceDefinition(stage, suffix) }
}

export async function hostBackend(options: BackendHostOptions): Promise<BackendHost> {
  const { settings, stage, ports, tables, parts } = options
  const { backendLog, operate, tablesSuffix: suffixFile } = statePaths(settings.stateDir)
  const environmentOf = ({ suffix }: Generation): Record<string, string> =>
    backendEnvironment(settings, { ...parts, tablesSuffix: suffix }, process.env)
  const tellOperator = async (generation: Generation): Promise<void> =>
    writeOperateFile(
      operate,
      operateFileOf(settings, stage, await generation.service, environmentOf(generation)),
    )

  const start = (env: Record<string, string>, again: boolean): Backend =>
    startBackend({
      apiPort: settings.apiPort,
      ports,
      env,
      logFile: backendLog,
      keepLog: again,
      onError: line => console.error(`backend: ${line}`),
    })
  const untilUp = (backend: Backend): Promise<void> =>
    untilHealthy(backend, { url: apiUrlOf(settings), logFile: backendLog, timeoutMs: healthTimeoutMs })

  await tellOperator(tables.current)
  const runner = createBackendRunner({ start, untilUp }, environmentOf(tables.current))
  return {
    up: runner.up,
    ended: runner.ended,
    close: runner.close,
    async useTables(suffix) {
      const next = generationOf(stage, suffix)
      const wanted = tablesOf(await next.service)
      await requireTables(parts.dynamoDbEndpoint, wanted)
      await createTables(parts.dynamoDbEndpoint, wanted)
      await writeTablesSuffix(suffixFile, suffix)
      tables.current = next
      await tellOperator(next)
      await runner.restart(environmentOf(next))
    },
  }
}
