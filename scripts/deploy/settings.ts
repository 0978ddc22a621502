import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { distance } from 'fastest-levenshtein'
import { parse } from 'yaml'
import * as z from 'zod'
import { developmentId } from '../../extension/build/development-id.ts'
import { ConfigError, offersChannels, readWholeConfig, secretNames } from '../../src/config.ts'
import { isProduction } from './stage.ts'

/** What `npm start` alone reads. */
const onlyForNpmStart = new Set(['PORT', 'LOCAL_PORT', 'LOCAL_STATE_DIR', 'PUBLIC_API_URL'])

/** Secrets that deployment makes up or manages where nobody gives them. */
export const managedSecrets: ReadonlySet<string> = new Set([
  'JWT_SECRET',
  'JWT_SECRET_PREVIOUS',
  'ASSEMBLYAI_WEBHOOK_SECRET',
  'STRIPE_WEBHOOK_SECRET',
])

/** Secrets that somebody must give: vendors' keys. */
export const neededSecrets = (variables: Variables): string[] =>
  [...secretNames].filter(
    name => !managedSecrets.has(name) && (name !== 'TWITCH_CLIENT_SECRET' || offersChannels(variables)),
  )

const onOrOff = z.enum(['on', 'off'], 'must be on or off')
const retentionsDays = [
  '1',
  '3',
  '5',
  '7',
  '14',
  '30',
  '60',
  '90',
  '120',
  '150',
  '180',
  '365',
  '400',
] as const

/** What a stage is built with, beside what the functions read. */
const buildSchema = z
  .object({
    ALARM_EMAIL: z.email('is not an e-mail address'),
    ALARMS: onOrOff,
    COST_ANOMALIES: onOrOff,
    MONTHLY_BUDGET_DOLLARS: z.string().regex(/^[1-9]\d*$/, 'must be a whole number above 0'),
    LOG_RETENTION_DAYS: z.enum(retentionsDays, `must be one of ${retentionsDays.join(', ')}`),
    RESERVED_CONCURRENCY: onOrOff,
    XRAY: onOrOff,
    DOMAIN_NAME: z.string().regex(/^([a-z0-9-]+\.)+[a-z]{2,}$/, 'is not a name such as api.example.com'),
    DOMAIN_CERTIFICATE_ARN: z
      .string()
      .regex(
        /^arn:aws[\w-]*:acm:[\w-]+:\d{12}:certificate\/[\w-]+$/,
        'is not the ARN of a certificate in ACM',
      ),
    DOMAIN_HOSTED_ZONE_ID: z.string().regex(/^Z[A-Z0-9]+$/, 'is not the id of a hosted zone (Z…)'),
    VPC_SUBNET_IDS: z
      .string()
      .regex(/^subnet-[0-9a-f]+(\s*,\s*subnet-[0-9a-f]+)*$/, 'is not a list of subnets'),
    VPC_SECURITY_GROUP_IDS: z
      .string()
      .regex(/^sg-[0-9a-f]+(\s*,\s*sg-[0-9a-f]+)*$/, 'is not a list of security groups'),
  })
  .partial()

type Variables = Readonly<Record<string, string>>

/** What `.env.<stage>` and the shell say, told apart. */
export interface Settings {
  /** What serverless.yml reads. None is secret. */
  readonly plain: Variables
  /** Secrets that the file gives. */
  readonly secrets: Variables
  /** The id of the extension, or the development build's where none is set. */
  readonly extensionId: string
  readonly hasExtensionId: boolean
  readonly version: string
}

/**
 * @param variables of `.env.<stage>`
 * @param version what is deployed calls itself
 */
export const splitSettings = (variables: Variables, version: string): Settings => {
  const entries = Object.entries(variables)
  const plain = entries.filter(([name]) => !secretNames.has(name) && !onlyForNpmStart.has(name))
  const extensionId = variables.EXTENSION_ID ?? developmentId
  return {
    plain: { ...Object.fromEntries(plain), EXTENSION_ID: extensionId, VERSION: version },
    secrets: Object.fromEntries(entries.filter(([name]) => secretNames.has(name))),
    extensionId,
    hasExtensionId: variables.EXTENSION_ID !== undefined,
    version,
  }
}

export interface SettingsCheck {
  readonly stage: string
  readonly region: string
  readonly variables: Variables
  /** Names of secrets that SSM has; undefined where it couldn't be asked. */
  readonly kept: ReadonlySet<string> | undefined
  readonly projectDir: string
}

export interface Findings {
  readonly problems: string[]
  readonly warnings: string[]
}

/** All that is wrong with a stage's settings. */
export const checkSettings = async (check: SettingsCheck): Promise<Findings> => {
  const known = Object.keys(parseEnv(await readFile(join(check.projectDir, '.env.example'), 'utf8')))
  const problems = [
    ...unknownNames(check.variables, known),
    ...(await problemsOfConfig(check)),
    ...problemsOfBuild(check),
    ...problemsOfStripeKey(check),
  ]
  return { problems, warnings: [...warningsOf(check)] }
}

const unknownNames = (variables: Variables, known: readonly string[]): string[] =>
  Object.keys(variables)
    .filter(name => !known.includes(name))
    .map(name => {
      const [nearest] = [...known].sort((a, b) => distance(name, a) - distance(name, b))
      const isNear = nearest !== undefined && distance(name, nearest) <= 3
      return `${name} is not a setting.${isNear ? ` Did you mean ${nearest}?` : ' .env.example has all of them.'}`
    })

const serviceSchema = z.object({ provider: z.object({ environment: z.record(z.string(), z.unknown()) }) })

/** `serverless.yml`'s own values for what is not set. */
const defaultsOf = async (projectDir: string): Promise<Record<string, string>> => {
  const service = serviceSchema.parse(parse(await readFile(join(projectDir, 'serverless.yml'), 'utf8')))
  const entries = Object.values(service.provider.environment).flatMap(value => {
    const [, name, fallback] = /^\$\{env:(\w+), '([^']*)'\}$/.exec(String(value)) ?? []
    return name !== undefined && fallback !== undefined ? [[name, fallback] as const] : []
  })
  return Object.fromEntries(entries)
}

/** Valid values for what deployment itself provides. */
const provided = {
  STAGE: 'stage',
  PUBLIC_API_URL: 'https://api.example.com',
  USERS_TABLE: 'users',
  USAGE_TABLE: 'usage',
  TRANSACTIONS_TABLE: 'transactions',
  EPHEMERA_TABLE: 'ephemera',
  CATCHUP_FETCH_FUNCTION: 'fetch',
  CATCHUP_WORKER_FUNCTION: 'worker',
}

const placeholder = 'a value that is long enough for every secret'

const problemsOfConfig = async (check: SettingsCheck): Promise<string[]> => {
  const elsewhere = [...secretNames].filter(
    name => managedSecrets.has(name) || check.kept === undefined || check.kept.has(name),
  )
  const environment = {
    ...(await defaultsOf(check.projectDir)),
    ...provided,
    AWS_REGION: check.region,
    EXTENSION_ID: developmentId,
    ...Object.fromEntries(elsewhere.map(name => [name, placeholder])),
    ...check.variables,
  }
  try {
    await readWholeConfig(() => Promise.resolve({}), environment)
    return []
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(problem => `${problem}.`)
    throw error
  }
}

const problemsOfBuild = ({ variables, region }: SettingsCheck): string[] => {
  const result = buildSchema.safeParse(variables)
  const problems = result.success
    ? []
    : result.error.issues.map(issue => `${issue.path.join('.')} ${issue.message}.`)
  const { DOMAIN_NAME: domain, DOMAIN_CERTIFICATE_ARN: certificate, DOMAIN_HOSTED_ZONE_ID: zone } = variables
  if (domain && !certificate) problems.push('DOMAIN_NAME needs DOMAIN_CERTIFICATE_ARN.')
  if (!domain && (certificate || zone)) {
    problems.push('DOMAIN_CERTIFICATE_ARN and DOMAIN_HOSTED_ZONE_ID are of no use without DOMAIN_NAME.')
  }
  const certificateRegion = certificate?.split(':')[3]
  if (certificateRegion && certificateRegion !== region) {
    problems.push(
      `The certificate is in ${certificateRegion} and the stage in ${region}: ask ACM for one in ${region}.`,
    )
  }
  if (Boolean(variables.VPC_SUBNET_IDS) !== Boolean(variables.VPC_SECURITY_GROUP_IDS)) {
    problems.push('VPC_SUBNET_IDS and VPC_SECURITY_GROUP_IDS go together: set both, or neither.')
  }
  return problems
}

const isLiveKey = (key: string): boolean => /^(sk|rk)_live_/.test(key)

const problemsOfStripeKey = ({ stage, variables }: SettingsCheck): string[] => {
  const key = variables.STRIPE_SECRET_KEY
  if (key === undefined) return []
  if (!/^(sk|rk)_(test|live)_/.test(key)) {
    return [
      'STRIPE_SECRET_KEY is not a secret key: those begin with sk_test_, sk_live_, rk_test_ or rk_live_.',
    ]
  }
  if (!isProduction(stage) || isLiveKey(key)) return []
  return [`STRIPE_SECRET_KEY is a test key, and ${stage} sells to people: give the live one (sk_live_…).`]
}

const warningsOf = function* ({ stage, variables }: SettingsCheck): Iterable<string> {
  for (const name of Object.keys(variables).filter(variable => onlyForNpmStart.has(variable))) {
    yield `${name} is for npm start alone, and left out.`
  }
  if (!isProduction(stage) && isLiveKey(variables.STRIPE_SECRET_KEY ?? '')) {
    yield `STRIPE_SECRET_KEY is a live key: purchases on ${stage} take real money.`
  }
  if (isProduction(stage) && !variables.ALARM_EMAIL) {
    yield 'ALARM_EMAIL is not set: nobody is told when an alarm goes off.'
  }
  if (variables.DOMAIN_NAME && !variables.DOMAIN_HOSTED_ZONE_ID) {
    yield `DOMAIN_HOSTED_ZONE_ID is not set: enter ${variables.DOMAIN_NAME} in your DNS yourself, as a CNAME of what aws apigatewayv2 get-domain-name --domain-name ${variables.DOMAIN_NAME} tells.`
  }
  if (!variables.EXTENSION_ID) {
    yield "EXTENSION_ID is not set: only the development build's id is let in, until you deploy again with the store's."
  }
}
