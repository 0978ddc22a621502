import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inject, onTestFinished } from 'vitest'
import { developmentId } from '../../extension/build/development-id.ts'
import { readArguments } from '../../scripts/deploy/arguments.ts'
import { AwsCli } from '../../scripts/deploy/aws-cli.ts'
import { runCommand } from '../../scripts/deploy/run-command.ts'
import type { PackageOrder, Session } from '../../scripts/deploy/session.ts'
import { templateSchema } from '../../scripts/deploy/template.ts'
import { markers } from './deployable-project.ts'
import { answer, isChange } from './fake-aws/answer.ts'
import { emptyAws, type FakeAws } from './fake-aws/state.ts'
import { answer as respond, startRouteServer } from './route-server.ts'
import { SECRET_KEY, startStripe } from './stripe-stand-in.ts'

/** Secrets that a test can look for wherever they must not be. */
export const secretValues = {
  STRIPE_SECRET_KEY: SECRET_KEY,
  ASSEMBLYAI_API_KEY: 'marker-of-assemblyai-5f0c9e',
  OPENAI_API_KEY: 'marker-of-openai-5f0c9e',
  TWITCH_CLIENT_SECRET: 'marker-of-twitch-5f0c9e',
}

/** Settings with which a stage can be deployed. */
export const goodSettings: Record<string, string> = {
  ...secretValues,
  TWITCH_CLIENT_ID: 'twitch-client',
  TWITCH_PLAYBACK_CLIENT_ID: 'twitch-playback',
  EXTENSION_ID: developmentId,
}

/** A stage that can be deployed to a fake AWS, the Stripe stand-in and an API that answers as the real one does. */
export const newDeployment = async (stage = 'dev') => {
  const project = inject('deployableProject')
  const directory = await mkdtemp(join(tmpdir(), 'deployment-'))
  await Promise.all([
    symlink(join(project.directory, 'infra'), join(directory, 'infra')),
    copyFile(join(project.directory, '.env.example'), join(directory, '.env.example')),
    copyFile(join(project.directory, 'serverless.yml'), join(directory, 'serverless.yml')),
  ])
  const isProduction = stage === 'prod'
  const stripeKey = isProduction ? 'sk_live_stand_in_0123456789' : SECRET_KEY
  const stripe = await startStripe({ secretKey: stripeKey })
  const aws = emptyAws()
  const api = await startApi(() => Promise.resolve(aws), stage)
  aws.apiUrl = api.url
  const said: string[] = []
  const answers: (boolean | string)[] = []
  const extensions: { stage: string; apiUrl: string }[] = []
  let version = 'v1'
  let reserves = false
  let nowMs = Date.UTC(2026, 10, 29, 12)

  const writeSettings = async (settings: Record<string, string>): Promise<void> => {
    const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
    await writeFile(join(directory, `.env.${stage}`), lines.join(''), { mode: 0o600 })
  }
  await writeSettings({ ...goodSettings, STRIPE_SECRET_KEY: stripeKey })

  let isStripeUp = true
  const stopStripe = async (): Promise<void> => {
    if (isStripeUp) await stripe.close()
    isStripeUp = false
  }
  onTestFinished(async () => {
    await Promise.all([stopStripe(), api.close(), rm(directory, { recursive: true })])
  })

  const packageStage = async (order: PackageOrder) => {
    const text = project.templates[`${order.stage}${order.variables.TABLES_SUFFIX ?? ''}`] ?? ''
    const filled = (
      reserves ? text.replaceAll('"MemorySize":', '"ReservedConcurrentExecutions":3,"MemorySize":') : text
    )
      .replaceAll(markers.VERSION, order.variables.VERSION ?? '')
      .replaceAll(markers.EXTENSION_ID, order.variables.EXTENSION_ID ?? '')
    return {
      compiled: templateSchema.parse(JSON.parse(filled)),
      zips: new Map([
        ['empty.zip', { file: join(project.directory, 'empty.zip'), key: 'functions/empty.zip' }],
      ]),
      directory: await mkdtemp(join(tmpdir(), 'packed-')),
    }
  }

  const openSession = (argv: readonly string[]): Session => ({
    stage,
    aws: new AwsCli(
      async (args, input) => answer(aws, args, () => input ?? ''),
      readArguments(argv, {}).region,
    ),
    say: text => said.push(text),
    show: async args => {
      said.push(answer(aws, args, () => '').stdout)
    },
    ask: {
      get isAnswered() {
        return answers.length > 0
      },
      yes: () => Promise.resolve(answers.shift() === true),
      typed: (_question, word) => Promise.resolve(answers.shift() === word),
    },
    projectDir: directory,
    stripeApiUrl: stripe.origin,
    version,
    nowMs: () => nowMs++,
    pollMs: 1,
    packageStage,
    buildExtension: async (name, apiUrl) => {
      extensions.push({ stage: name, apiUrl })
      const file = join(directory, 'dist', `live-transcription-${name}.zip`)
      return { file, version: '0.1.0', sha256: '' }
    },
  })

  return {
    aws,
    api,
    stripe: stripe.stripe,
    stripeControl: stripe.control,
    stopStripe,
    directory,
    /** What whoever deploys says to the questions, in turn; where there is nothing left, nobody is there. */
    answers,
    /** What the extension was built for. */
    extensions,
    writeSettings,
    /** Has every function reserve some, as RESERVED_CONCURRENCY=on has some do. */
    reserveConcurrency: () => {
      reserves = true
    },
    setVersion: (next: string) => {
      version = next
    },
    /** Runs `./deploy.sh <stage> …`: why it ended early, or undefined. */
    run: (...args: string[]): Promise<string | undefined> => {
      said.length = 0
      const argv = [stage, ...args]
      return runCommand(argv, {}, () => openSession(argv))
    },
    /** What the last run has said. */
    output: () => said.join('\n'),
    /** The subcommands that were called, as `cloudformation create-change-set`. */
    called: () => aws.calls.map(({ args }) => args.slice(0, 2).join(' ')),
    /** The same, of those that change something. */
    changed: () =>
      aws.calls.filter(({ args }) => isChange(args)).map(({ args }) => args.slice(0, 2).join(' ')),
    stack: () => aws.stacks[`live-transcription-${stage}`],
    secret: (name: string) => aws.secrets[`/live-transcription/${stage}/${name}`]?.value,
    /** Everything that was ever uploaded, as text. */
    uploaded: () =>
      Object.values(aws.buckets)
        .flatMap(bucket => Object.values(bucket))
        .map(content => Buffer.from(content, 'base64').toString('latin1'))
        .join('\n'),
  }
}

export type Deployment = Awaited<ReturnType<typeof newDeployment>>

/** What the smoke test asks, answered as the handlers answer it. */
export const startApi = async (readAws: () => Promise<FakeAws>, stage: string) => {
  const server = await startRouteServer()
  const emails = new Set<string>()
  const variables = async (): Promise<Record<string, string>> => {
    const { stacks } = await readAws()
    const definition = stacks[`live-transcription-${stage}`]?.resources.HealthLambdaFunction?.definition
    return definition === undefined ? {} : JSON.parse(definition).Properties.Environment.Variables
  }
  server.routes['/health'] = async (request, response) => {
    respond({ status: 'healthy', version: (await variables()).VERSION })(request, response)
  }
  server.routes['/auth/register'] = (request, response) => {
    const { email } = JSON.parse(request.body)
    const isTaken = emails.has(email)
    emails.add(email)
    respond(isTaken ? { code: 'email_taken' } : { user_id: '1' }, isTaken ? 409 : 201)(request, response)
  }
  server.routes['/webhooks/stripe'] = respond({ code: 'validation_failed' }, 400)
  server.routes['/credits/balance'] = async (request, response) => {
    const origin = `chrome-extension://${(await variables()).EXTENSION_ID ?? ''}`
    respond('', 204, { 'access-control-allow-origin': origin })(request, response)
  }
  return server
}
