import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import Stripe from 'stripe'
import { startDynamoDbLocal } from '../../local/dynamodb.ts'
import { createTables, readTables } from '../../local/tables.ts'
import type { Database } from '../../src/db/dynamodb.ts'
import { connect } from '../../tests/support/database.ts'
import { SECRET_KEY, startStripe } from '../../tests/support/stripe-stand-in.ts'
import { startVendors } from '../../tests/support/vendors.ts'
import { askForCapacity } from './capacity.ts'
import { quickRecogniser } from './talk.ts'
import { startTap, type Tap } from './tap.ts'

const stage = 'cost'
/** The names of the functions that are invoked asynchronously: here they are the entries' own. */
const fetchFunction = 'catchup-fetch'
const workerFunction = 'catchup-worker'

/** A request that came from a vendor, or an asynchronous invocation that a function asked for. */
export interface Arrival {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, string>>
  readonly body: string
}

export type Receiver = (arrival: Arrival) => Promise<number>

/** What the functions run on: DynamoDB Local and the vendors' stand-ins, with a meter before each. */
export interface World {
  readonly database: Database
  readonly databaseTap: Tap
  readonly vendorTaps: readonly Tap[]
  readonly environment: NodeJS.ProcessEnv
  /** Who gets webhooks and invocations; each is answered with the status that it answers. */
  receive(receiver: Receiver): void
  close(): Promise<void>
}

const startReceiving = async () => {
  let receiver: Receiver = async () => 503
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://here')
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
    )
    const body = (await buffer(request)).toString()
    const query = Object.fromEntries(url.searchParams)
    const status = await receiver({ path: url.pathname, headers, query, body }).catch((error: unknown) => {
      console.error(error)
      return 500
    })
    response.writeHead(status).end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    receive: (next: Receiver) => {
      receiver = next
    },
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The events that the functions act on: what an operator's endpoint is registered for. */
const stripeEvents: Stripe.WebhookEndpointCreateParams.EnabledEvent[] = [
  'checkout.session.completed',
  'checkout.session.async_payment_succeeded',
  'checkout.session.async_payment_failed',
  'checkout.session.expired',
  'invoice.payment_failed',
]

export const startWorld = async (): Promise<World> => {
  const engine = await startDynamoDbLocal()
  await createTables(engine.endpoint, await readTables(stage))
  const [vendors, stripe, receiving] = await Promise.all([
    startVendors(quickRecogniser),
    startStripe(),
    startReceiving(),
  ])
  const endpoint = await stripe.stripe.webhookEndpoints.create({
    url: `${receiving.url}/webhooks/stripe`,
    enabled_events: stripeEvents,
    api_version: Stripe.API_VERSION,
  })
  const databaseTap = await startTap(engine.endpoint, { rewrite: askForCapacity })
  const vendorsTap = await startTap(vendors.origin)
  const stripeTap = await startTap(stripe.origin)
  const { database, environment } = describe({
    dynamoDbUrl: databaseTap.url,
    vendorsUrl: vendorsTap.url,
    mediaUrl: vendors.origin,
    stripeUrl: stripeTap.url,
    ownUrl: receiving.url,
    stripeWebhookSecret: endpoint.secret ?? '',
    engineUrl: engine.endpoint,
  })
  return {
    database,
    databaseTap,
    vendorTaps: [vendorsTap, stripeTap],
    environment,
    receive: receiving.receive,
    close: async () => {
      await Promise.all([databaseTap.close(), vendorsTap.close(), stripeTap.close(), receiving.close()])
      await Promise.all([vendors.close(), stripe.close()])
      await engine.close()
    },
  }
}

const describe = (urls: {
  dynamoDbUrl: string
  vendorsUrl: string
  mediaUrl: string
  stripeUrl: string
  ownUrl: string
  stripeWebhookSecret: string
  engineUrl: string
}): Pick<World, 'database' | 'environment'> => {
  const database = connect(urls.engineUrl, stage)
  const { tables } = database
  return {
    database,
    environment: {
      ...process.env,
      STAGE: 'prod',
      AWS_REGION: 'us-east-1',
      PUBLIC_API_URL: urls.ownUrl,
      EXTENSION_ID: 'a'.repeat(32),
      USERS_TABLE: tables.users,
      USAGE_TABLE: tables.usage,
      TRANSACTIONS_TABLE: tables.transactions,
      EPHEMERA_TABLE: tables.ephemera,
      DYNAMODB_ENDPOINT: urls.dynamoDbUrl,
      LAMBDA_ENDPOINT: urls.ownUrl,
      CATCHUP_FETCH_FUNCTION: fetchFunction,
      CATCHUP_WORKER_FUNCTION: workerFunction,
      // One listener does here what a thousand do.
      THROTTLE_SCALE: '100',
      JWT_SECRET: randomBytes(32).toString('hex'),
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_API_URL: urls.stripeUrl,
      STRIPE_WEBHOOK_SECRET: urls.stripeWebhookSecret,
      ASSEMBLYAI_API_KEY: 'key',
      ASSEMBLYAI_API_URL: `${urls.vendorsUrl}/assemblyai`,
      ASSEMBLYAI_STREAMING_URL: `${urls.vendorsUrl}/assemblyai`,
      ASSEMBLYAI_SPEECH_MODELS: 'universal-3-6-pro,universal-2',
      ASSEMBLYAI_WEBHOOK_SECRET: randomBytes(32).toString('hex'),
      LIVE_MODELS: 'en=universal-streaming-english',
      OPENAI_API_KEY: 'key',
      OPENAI_API_URL: `${urls.vendorsUrl}/openai/v1`,
      OPENAI_MODEL: 'gpt-6-luna',
      OPENAI_REASONING_EFFORT: 'low',
      TWITCH_CLIENT_ID: 'client',
      TWITCH_CLIENT_SECRET: 'secret',
      TWITCH_PLAYBACK_CLIENT_ID: 'player',
      TWITCH_AUTH_URL: `${urls.vendorsUrl}/twitch/id`,
      TWITCH_API_URL: `${urls.vendorsUrl}/twitch/helix`,
      TWITCH_GQL_URL: `${urls.vendorsUrl}/twitch/gql`,
      TWITCH_USHER_URL: `${urls.vendorsUrl}/twitch/usher`,
      TWITCH_MEDIA_HOSTS: `${urls.mediaUrl},${urls.vendorsUrl}`,
    },
  }
}
