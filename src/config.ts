import * as z from 'zod'

/** The function that waits is ended after 29 s, and has something to do before and after. */
const longestClipWaitSeconds = 20
/** AssemblyAI's own bound for the session that a token opens. */
const longestSessionSeconds = 10_800
/** A token that waits longer would bring a session into the time after its lease. */
const longestRedeemSeconds = 60
/** Well within the time for which the sweep can find an account. */
const longestDanglingSeconds = 86_400
/** A shorter signing secret could be guessed by trying. */
const shortestSecretBytes = 32

/** Parsers that are compiled pay off after more requests than most of Lambda's processes live for. */
z.config({ jitless: true })

const required = z.string('is missing').min(1, 'is empty')
const url = z.url('is not a URL')
const optionalUrl = z.preprocess(emptyToUndefined, url.optional())
const signingSecret = required.refine(
  secret => Buffer.byteLength(secret) >= shortestSecretBytes,
  `must have at least ${shortestSecretBytes} bytes`,
)
const wholeNumber = (fallback: number, most = Number.MAX_SAFE_INTEGER, least = 1) =>
  z.preprocess(
    emptyToUndefined,
    z.coerce
      .number('is not a number')
      .int('is not a whole number')
      .min(least, least === 1 ? 'must be above 0' : `must be at least ${least}`)
      .max(most, `must be at most ${most}`)
      .default(fallback),
  )

/** `en=model-a,es=model-b`: each language's model, the default one first. */
const languageModels = required.transform((list, context) => {
  const pairs = list.split(',').map(pair => pair.trim().split('='))
  if (pairs.every(pair => pair.length === 2 && pair.every(part => part !== ''))) {
    return pairs.map(([language = '', model = '']) => ({ language, model }))
  }
  context.addIssue('must be language=model pairs with commas between')
  return z.NEVER
})

const list = required.transform(text => text.split(',').map(entry => entry.trim()))

function emptyToUndefined(value: unknown): unknown {
  return value === '' ? undefined : value
}

/**
 * What the functions read from the environment, by what needs it. Names carry their units. Schemas are made when they
 * are needed: a function has a few sections, and those of all would add to every cold start.
 */
const sections = {
  base: () =>
    z.object({
      STAGE: required,
      VERSION: z.string().default('development'),
      AWS_REGION: required,
      /** Lambda sets it, and serverless-offline too. */
      AWS_LAMBDA_FUNCTION_NAME: z.string().default('unnamed'),
      PUBLIC_API_URL: url,
      EXTENSION_ID: required.regex(/^[a-p]{32}$/, 'is not a Chrome extension id'),
      USERS_TABLE: required,
      USAGE_TABLE: required,
      TRANSACTIONS_TABLE: required,
      EPHEMERA_TABLE: required,
      DYNAMODB_ENDPOINT: optionalUrl,
      LAMBDA_ENDPOINT: optionalUrl,
      CATCHUP_FETCH_FUNCTION: required,
      CATCHUP_WORKER_FUNCTION: required,
      THROTTLE_SCALE: wholeNumber(1),
    }),
  auth: () =>
    z.object({
      JWT_SECRET: signingSecret,
      JWT_SECRET_PREVIOUS: z.preprocess(emptyToUndefined, signingSecret.optional()),
    }),
  stripe: () => z.object({ STRIPE_SECRET_KEY: required, STRIPE_API_URL: optionalUrl }),
  stripeWebhook: () => z.object({ STRIPE_WEBHOOK_SECRET: required }),
  assemblyai: () =>
    z.object({
      ASSEMBLYAI_API_KEY: required,
      ASSEMBLYAI_API_URL: optionalUrl,
      ASSEMBLYAI_SPEECH_MODELS: list,
      CLIP_WAIT_SECONDS: wholeNumber(20, longestClipWaitSeconds),
      CLIP_HOLD_SECONDS: wholeNumber(1_800),
    }),
  /** For what only reads or deletes transcripts. */
  transcripts: () => z.object({ ASSEMBLYAI_API_KEY: required, ASSEMBLYAI_API_URL: optionalUrl }),
  assemblyaiWebhook: () => z.object({ ASSEMBLYAI_WEBHOOK_SECRET: signingSecret }),
  live: () =>
    z
      .object({
        LIVE_LEASE_SECONDS: wholeNumber(300),
        LIVE_SHORTEST_LEASE_SECONDS: wholeNumber(60),
        LIVE_RENEW_WINDOW_SECONDS: wholeNumber(30),
        LIVE_REDEEM_SECONDS: wholeNumber(60, longestRedeemSeconds),
        LIVE_SHORTEST_SESSION_SECONDS: wholeNumber(60),
        LIVE_DANGLING_SECONDS: wholeNumber(3_600, longestDanglingSeconds),
        LIVE_ALLOWANCE_PER_HOUR: wholeNumber(6, 20, 0),
        LIVE_ALLOWANCE_PER_DAY: wholeNumber(20, 20, 0),
      })
      .refine(live => live.LIVE_SHORTEST_SESSION_SECONDS <= live.LIVE_SHORTEST_LEASE_SECONDS, {
        path: ['LIVE_SHORTEST_LEASE_SECONDS'],
        message: 'must be at least LIVE_SHORTEST_SESSION_SECONDS',
      })
      .refine(live => live.LIVE_SHORTEST_LEASE_SECONDS <= live.LIVE_LEASE_SECONDS, {
        path: ['LIVE_LEASE_SECONDS'],
        message: 'must be at least LIVE_SHORTEST_LEASE_SECONDS',
      })
      .refine(live => live.LIVE_LEASE_SECONDS + live.LIVE_RENEW_WINDOW_SECONDS <= longestSessionSeconds, {
        path: ['LIVE_LEASE_SECONDS'],
        message: `and LIVE_RENEW_WINDOW_SECONDS together must be at most ${longestSessionSeconds}`,
      })
      .refine(
        live => live.LIVE_SHORTEST_LEASE_SECONDS * live.LIVE_RENEW_WINDOW_SECONDS >= live.LIVE_LEASE_SECONDS,
        {
          path: ['LIVE_RENEW_WINDOW_SECONDS'],
          message:
            'must be as large a part of LIVE_LEASE_SECONDS as leaves the shortest lease a second to renew',
        },
      )
      .refine(live => live.LIVE_RENEW_WINDOW_SECONDS < live.LIVE_SHORTEST_LEASE_SECONDS, {
        path: ['LIVE_RENEW_WINDOW_SECONDS'],
        message: 'must be below LIVE_SHORTEST_LEASE_SECONDS',
      }),
  liveSessions: () =>
    z.object({
      ASSEMBLYAI_API_KEY: required,
      ASSEMBLYAI_STREAMING_URL: optionalUrl,
      LIVE_MODELS: languageModels,
      LIVE_INACTIVITY_SECONDS: wholeNumber(60, 3_600, 5),
    }),
  twitch: () =>
    z.object({
      TWITCH_CLIENT_ID: required,
      TWITCH_CLIENT_SECRET: required,
      TWITCH_PLAYBACK_CLIENT_ID: required,
      TWITCH_MEDIA_HOSTS: z.preprocess(emptyToUndefined, list.optional()),
      TWITCH_AUTH_URL: optionalUrl,
      TWITCH_API_URL: optionalUrl,
      TWITCH_GQL_URL: optionalUrl,
      TWITCH_USHER_URL: optionalUrl,
    }),
  channels: () => z.object({ TWITCH_CLIENT_ID: z.string().default('') }),
  openai: () =>
    z.object({
      OPENAI_API_KEY: required,
      OPENAI_API_URL: optionalUrl,
      OPENAI_MODEL: required,
      OPENAI_REASONING_EFFORT: z.preprocess(
        emptyToUndefined,
        z
          .enum(['none', 'minimal', 'low', 'medium', 'high'], 'must be none, minimal, low, medium or high')
          .optional(),
      ),
    }),
} as const

type Sections = typeof sections
export type SectionName = keyof Sections
export type Config<Name extends SectionName> = { [K in Name]: z.output<ReturnType<Sections[K]>> }

/** Variables that are secret: in the cloud they come from SSM, and never from the template. */
export const secretNames: ReadonlySet<string> = new Set([
  'JWT_SECRET',
  'JWT_SECRET_PREVIOUS',
  'STRIPE_SECRET_KEY',
  'STRIPE_WEBHOOK_SECRET',
  'ASSEMBLYAI_API_KEY',
  'ASSEMBLYAI_WEBHOOK_SECRET',
  'OPENAI_API_KEY',
  'TWITCH_CLIENT_SECRET',
])

/** Every section, for what checks all of them. */
export const allSections = [
  'base',
  'auth',
  'stripe',
  'stripeWebhook',
  'assemblyai',
  'transcripts',
  'assemblyaiWebhook',
  'openai',
  'live',
  'liveSessions',
  'channels',
  'twitch',
] as const satisfies readonly SectionName[]

/** Whether this service catches up on Twitch's channels: an operator may leave that out. */
export const offersChannels = (environment: { readonly TWITCH_CLIENT_ID?: string | undefined }): boolean =>
  Boolean(environment.TWITCH_CLIENT_ID)

/** What is wrong with the environment: each variable's name and what it lacks, never its value. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The environment is incomplete:\n${problems.map(problem => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

export type Environment = Readonly<Record<string, string | undefined>>
/** Reads secrets by name from where `path` says. */
export type SecretReader = (region: string, path: string, names: readonly string[]) => Promise<Environment>

/**
 * Reads the sections that a function needs. Secrets that the environment lacks are read from SSM when
 * `SECRETS_PATH` names where they are.
 * @throws {ConfigError} with everything that is wrong, at once
 */
export const readConfig = async <Name extends SectionName>(
  names: readonly Name[],
  readSecrets: SecretReader,
  environment: Environment = process.env,
): Promise<Config<Name>> => {
  const schemas = names.map(name => ({ name, schema: sections[name]() }))
  const variables = schemas.flatMap(({ schema }) => Object.keys(schema.shape))
  const complete = await withSecrets(variables, readSecrets, environment)
  const problems: string[] = []
  const config: Partial<Record<SectionName, unknown>> = {}
  for (const { name, schema } of schemas) {
    const result = schema.safeParse(complete)
    if (result.success) config[name] = result.data
    else problems.push(...result.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}`))
  }
  if (problems.length > 0) throw new ConfigError([...new Set(problems)])
  return config as Config<Name>
}

/**
 * Reads every section that this service needs, for what checks all of them: without Twitch where it offers no channels.
 * @throws {ConfigError} likewise
 */
export const readWholeConfig = (
  readSecrets: SecretReader,
  environment: Environment = process.env,
): Promise<Config<Exclude<SectionName, 'twitch'>>> => {
  const needed = allSections.filter(name => name !== 'twitch' || offersChannels(environment))
  return readConfig(needed, readSecrets, environment)
}

const withSecrets = async (
  variables: readonly string[],
  readSecrets: SecretReader,
  environment: Environment,
): Promise<Environment> => {
  const { SECRETS_PATH: path, AWS_REGION: region } = environment
  const missing = variables.filter(name => secretNames.has(name) && !environment[name])
  if (!path || !region || missing.length === 0) return environment
  return { ...environment, ...(await readSecrets(region, path, missing)) }
}
