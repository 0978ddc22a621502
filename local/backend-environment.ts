import { developmentId } from '../extension/build/development-id.ts'
import { apiUrlOf, localUrlOf, type Settings } from './settings.ts'
import { awsStandInAccount, standInKeys, twitchStandInClients, type Vendor, vendors } from './vendors.ts'

/** What of this machine's environment the backend needs to run at all; nothing else of it gets in. */
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'LC_ALL', 'TZ', 'NODE_EXTRA_CA_CERTS']

/** On this machine one person registers and tries as often as it takes. */
const localThrottleScale = '100'

/** The addresses and secrets that a start has come to. */
export interface BackendParts {
  dynamoDbEndpoint: string
  /** What the names of the ledger's tables end in. */
  tablesSuffix: string
  jwtSecret: string
  assemblyAiWebhookSecret: string
  /** Undefined when Stripe is real: then .env has it. */
  stripeWebhookSecret: string | undefined
}

/**
 * The environment of the backend's process: what this start has come to, over it what .env says, and over that
 * what makes a vendor's stand-in the one that is called. The extension of this machine is always the development
 * build, whatever .env says for the cloud.
 */
export function backendEnvironment(
  settings: Settings,
  parts: BackendParts,
  env: NodeJS.ProcessEnv,
): Record<string, string> {
  const machine = passedOn.flatMap(name => {
    const value = env[name]
    return value === undefined ? [] : [[name, value] as const]
  })
  return {
    ...Object.fromEntries(machine),
    PUBLIC_API_URL: apiUrlOf(settings),
    THROTTLE_SCALE: localThrottleScale,
    JWT_SECRET: parts.jwtSecret,
    ASSEMBLYAI_WEBHOOK_SECRET: parts.assemblyAiWebhookSecret,
    ...settings.dotenv,
    ...standInVariables(settings, parts.stripeWebhookSecret),
    EXTENSION_ID: developmentId,
    DYNAMODB_ENDPOINT: parts.dynamoDbEndpoint,
    LAMBDA_ENDPOINT: `${localUrlOf(settings)}/aws/lambda`,
    TABLES_SUFFIX: parts.tablesSuffix,
    AWS_REGION: awsStandInAccount.region,
    AWS_ACCESS_KEY_ID: awsStandInAccount.accessKeyId,
    AWS_SECRET_ACCESS_KEY: awsStandInAccount.secretAccessKey,
    ESBUILD_WORK_DIR: buildDirOf(settings),
  }
}

/** Where the handlers are built, relative to the repository: inside it, for the packages, and no other copy's. */
export function buildDirOf(settings: Settings): string {
  return `.esbuild/local-${settings.apiPort}`
}

function standInVariables(
  settings: Settings,
  stripeWebhookSecret: string | undefined,
): Record<string, string> {
  const base = localUrlOf(settings)
  const variables: Record<Vendor, Record<string, string>> = {
    stripe: {
      STRIPE_SECRET_KEY: standInKeys.stripe,
      STRIPE_API_URL: base,
      ...(stripeWebhookSecret === undefined ? {} : { STRIPE_WEBHOOK_SECRET: stripeWebhookSecret }),
    },
    assemblyai: {
      ASSEMBLYAI_API_KEY: standInKeys.assemblyai,
      ASSEMBLYAI_API_URL: `${base}/assemblyai`,
      ASSEMBLYAI_STREAMING_URL: `${base}/assemblyai`,
    },
    openai: { OPENAI_API_KEY: standInKeys.openai, OPENAI_API_URL: `${base}/openai/v1` },
    twitch: {
      TWITCH_CLIENT_ID: twitchStandInClients.clientId,
      TWITCH_CLIENT_SECRET: standInKeys.twitch,
      TWITCH_AUTH_URL: `${base}/twitch/id`,
      TWITCH_API_URL: `${base}/twitch/helix`,
      TWITCH_GQL_URL: `${base}/twitch/gql`,
      TWITCH_USHER_URL: `${base}/twitch/usher`,
      TWITCH_PLAYBACK_CLIENT_ID: twitchStandInClients.playbackClientId,
      TWITCH_MEDIA_HOSTS: base,
    },
  }
  const played = vendors.filter(vendor => !settings.realVendors.includes(vendor))
  return Object.fromEntries(played.flatMap(vendor => Object.entries(variables[vendor])))
}
