import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type FastifyInstance, fastify } from 'fastify'
import type { Generation } from './backend-host.ts'
import { type DashboardOptions, dashboard } from './dashboard/plugin.ts'
import { listen } from './listen/plugin.ts'
import type { Recogniser } from './recogniser/recogniser.ts'
import { serviceFactsOf } from './service-facts.ts'
import { apiUrlOf, localUrlOf, type Settings } from './settings.ts'
import { assemblyAiStandIn } from './stand-ins/assemblyai/plugin.ts'
import { awsStandIn } from './stand-ins/aws/plugin.ts'
import { openAiStandIn } from './stand-ins/openai/plugin.ts'
import { stripeStandIn } from './stand-ins/stripe/plugin.ts'
import { twitchStandIn } from './stand-ins/twitch/plugin.ts'
import { statePaths } from './state-dir.ts'
import { recoverableTablesOf } from './tables.ts'
import { awsStandInAccount, standInKeys, twitchStandInClients } from './vendors.ts'

/** What the AWS stand-in is told of the backend. */
export interface BackendAddress {
  /** Where serverless-offline takes invocations of functions. */
  lambdaPort: number
  dynamoDbEndpoint: string
  /** Resolves once the tables are there. */
  databaseReady: Promise<unknown>
  /** What the backend runs on now. */
  tables: { readonly current: Generation }
  useTables(suffix: string): Promise<void>
}

/** Starts the one server that has the stand-ins and the page; it listens on 127.0.0.1 when this resolves. */
export async function startWebServer(
  settings: Settings,
  recogniser: Recogniser,
  page: DashboardOptions,
  backend: BackendAddress,
): Promise<FastifyInstance> {
  const { standIns, standInsLog, backendLog } = statePaths(settings.stateDir)
  const url = localUrlOf(settings)
  const app = fastify({ forceCloseConnections: true, logger: { level: 'warn', file: standInsLog } })
  await app.register(dashboard, page)
  await app.register(listen, page)
  await app.register(stripeStandIn, {
    publicUrl: url,
    secretKey: standInKeys.stripe,
    stateDir: join(standIns, 'stripe'),
  })
  await app.register(assemblyAiStandIn, {
    prefix: '/assemblyai',
    publicUrl: `${url}/assemblyai`,
    apiKey: standInKeys.assemblyai,
    recogniser,
    stateDir: join(standIns, 'assemblyai'),
    ...shortestSession(settings),
  })
  await app.register(openAiStandIn, { prefix: '/openai', apiKey: standInKeys.openai })
  await app.register(twitchStandIn, {
    prefix: '/twitch',
    publicUrl: `${url}/twitch`,
    apiUrl: apiUrlOf(settings),
    clientSecret: standInKeys.twitch,
    ...twitchStandInClients,
  })
  await app.register(awsStandIn, {
    prefix: '/aws',
    publicUrl: `${url}/aws`,
    ...awsStandInAccount,
    userName: userName(),
    lambdaUrl: `http://127.0.0.1:${backend.lambdaPort}`,
    dynamoDbEndpoint: backend.dynamoDbEndpoint,
    recoverableTables: async () => {
      await backend.databaseReady
      return recoverableTablesOf(await backend.tables.current.service)
    },
    service: async () => {
      const { service, suffix } = backend.tables.current
      return serviceFactsOf(settings, await service, suffix)
    },
    useTables: backend.useTables,
    backendLog,
    stateDir: join(standIns, 'aws'),
  })
  await app.listen({ port: settings.localPort, host: '127.0.0.1' })
  return app
}

/** A backend that is set to sell short leases has a vendor that opens short sessions. */
function shortestSession({ dotenv }: Settings): { minimumSessionSeconds?: number } {
  const seconds = Number(dotenv.LIVE_SHORTEST_SESSION_SECONDS)
  return Number.isInteger(seconds) && seconds > 0 ? { minimumSessionSeconds: seconds } : {}
}

/** Who runs this, in the characters that IAM takes in a name. */
function userName(): string {
  try {
    return userInfo().username.replace(/[^\w+=,.@-]/g, '') || 'operator'
  } catch {
    return 'operator'
  }
}
