import type { HealthResponse } from '../contracts/health.ts'
import type { DatabaseProbe } from '../domain/ports.ts'
import { endpoint, type HttpDependencies } from '../http/endpoint.ts'
import { json } from '../http/response.ts'

export interface HealthDependencies {
  readonly http: HttpDependencies
  /** Absent where the environment does not even say where the tables are. */
  readonly database: DatabaseProbe | undefined
  readonly version: string
  /** What the environment lacks, by name. */
  readonly problems: readonly string[]
}

/** `GET /health` */
export const createHandler = ({ http, database, version, problems }: HealthDependencies) =>
  endpoint(http, async () => {
    const connected = (await database?.isReachable()) ?? false
    const healthy = connected && problems.length === 0
    const health: HealthResponse = {
      status: healthy ? 'healthy' : 'unhealthy',
      dynamodb: connected ? 'connected' : 'unreachable',
      environment: problems.length === 0 ? 'configured' : 'incomplete',
      version,
      ...(problems.length === 0 ? {} : { problems: [...problems] }),
    }
    return json(healthy ? 200 : 503, health)
  })
