// `npm start`: runs the whole product on this machine, with no account and no key.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseBackendPorts } from './backend.ts'
import { buildDirOf } from './backend-environment.ts'
import { type BackendHost, type Generation, generationOf, hostBackend } from './backend-host.ts'
import { createClosing } from './closing.ts'
import { type Command, tryItCommands } from './commands.ts'
import { describeParts } from './dashboard/describe-parts.ts'
import { type DynamoDbLocal, startDynamoDbLocal } from './dynamodb.ts'
import { buildLocalExtension, extensionSteps } from './extension.ts'
import { removeOperateFile } from './operate-file.ts'
import { projectDir } from './paths.ts'
import { findFreePort, requireFreePort } from './ports.ts'
import { createProgress } from './progress.ts'
import { readyText } from './ready-text.ts'
import { createRecogniser, type Recogniser } from './recogniser/recogniser.ts'
import { openSecrets, type Secrets } from './secrets.ts'
import { apiUrlOf, localUrlOf, readSettings, type Settings } from './settings.ts'
import type { State } from './stand-ins/state.ts'
import { StartProblem } from './start-problem.ts'
import { forgetState, makeStateDir, statePaths } from './state-dir.ts'
import { lockStateDir } from './state-lock.ts'
import { registerStripeWebhook } from './stripe-webhook.ts'
import { createTables, requireTables, tablesOf } from './tables.ts'
import { readTablesSuffix } from './tables-suffix.ts'
import { standInKeys } from './vendors.ts'
import { startWebServer } from './web-server.ts'

const stage = 'local'
const fixturesDir = join(projectDir, 'tests', 'fixtures')
/** One Ctrl-C comes several times: from the terminal, from npm and from scripts/run.mjs. */
const sameSignalMs = 500

const closing = createClosing(error => console.error(error))
const progress = createProgress(line => {
  if (!closing.begun) console.log(line)
})

endOnSignals()
try {
  await start()
} catch (error) {
  await fail(error)
}

async function start(): Promise<void> {
  const settings = await readSettings(process.argv.slice(2), process.env, process.cwd())
  await makeStateDir(settings.stateDir)
  await closing.add(await lockStateDir(settings.stateDir, `${localUrlOf(settings)}/`))
  await requireFreePort(settings.apiPort, 'PORT')
  await requireFreePort(settings.localPort, 'LOCAL_PORT')
  if (settings.fresh) await forgetState(settings.stateDir)
  const secrets = await openSecrets(statePaths(settings.stateDir).secrets).catch(refuseState)

  console.log('Starting the database, the speech model, the stand-ins, the backend and the extension …')
  const commands = tryItCommands(apiUrlOf(settings), fixturesDir)
  const extension = progress
    .step('Extension', () => buildLocalExtension(settings))
    .then(() => undefined, messageOf)
  await startEverything(settings, secrets, commands)
  const extensionProblem = await extension
  if (!closing.begun) {
    console.log(
      `\n${readyText(settings, { commands, extensionProblem, elapsedSeconds: progress.elapsed() })}`,
    )
  }
}

/** What the other parts are told of the database before it runs. */
interface DatabasePlan {
  dynamoDbEndpoint: string
  tables: { current: Generation }
  /** Resolves once the tables are there. */
  ready: Promise<unknown>
}

/** Starts all parts side by side; they are ended in the reverse of the order in which they are named here. */
async function startEverything(
  settings: Settings,
  secrets: State<Secrets>,
  commands: Command[],
): Promise<void> {
  const { tablesSuffix: suffixFile } = statePaths(settings.stateDir)
  const tables = { current: generationOf(stage, await readTablesSuffix(suffixFile)) }
  const databasePort = await findFreePort()
  const dynamoDbEndpoint = `http://127.0.0.1:${databasePort}`

  const database = progress.step('Database', () => startDatabase(settings, databasePort, tables.current))
  const recogniser = progress.step('Speech model', () => createRecogniser())
  const backend = startBackendWithStandIns(
    settings,
    secrets,
    commands,
    { dynamoDbEndpoint, tables, ready: database },
    whenLoaded(recogniser),
  )
  const started = Promise.all([database, recogniser, backend])
  await closing.add(onceStarted(recogniser, loaded => loaded.close()))
  await closing.add(onceStarted(database, running => running.close()))
  await started
  endWith('DynamoDB Local', (await database).ended)
  endWith('The backend', (await backend).ended)
}

async function startDatabase(
  settings: Settings,
  port: number,
  generation: Generation,
): Promise<DynamoDbLocal> {
  const { database: dir, tablesSuffix: suffixFile } = statePaths(settings.stateDir)
  const [service, database] = await Promise.all([generation.service, startDynamoDbLocal({ dir, port })])
  // Tables that a restore made are never made anew: empty ones would look as if all was lost.
  if (generation.suffix !== '') {
    await requireTables(database.endpoint, tablesOf(service)).catch(error => {
      throw new StartProblem(
        `${messageOf(error)}\nDelete ${suffixFile}, which asks for it, to use the first tables.`,
      )
    })
  }
  await createTables(database.endpoint, tablesOf(service))
  return database
}

async function startBackendWithStandIns(
  settings: Settings,
  secrets: State<Secrets>,
  commands: Command[],
  { dynamoDbEndpoint, tables, ready }: DatabasePlan,
  recogniser: Recogniser,
): Promise<BackendHost> {
  const { backendLog, operate } = statePaths(settings.stateDir)
  const ports = await chooseBackendPorts()
  let host: BackendHost | undefined
  const useTables = async (suffix: string): Promise<void> => {
    if (host === undefined) throw new StartProblem('The backend has not started yet.')
    await host.useTables(suffix)
  }
  const stripeWebhookSecret = await progress.step('Stand-ins', async () => {
    const page = {
      parts: describeParts(settings, dynamoDbEndpoint),
      extensionSteps: extensionSteps(settings),
      commands,
      fixturesDir,
      stateDir: settings.stateDir,
      logFile: backendLog,
    }
    const parts = { lambdaPort: ports.lambda, dynamoDbEndpoint, tables, databaseReady: ready, useTables }
    const server = await startWebServer(settings, recogniser, page, parts).catch(refuseState)
    await closing.add(() => server.close())
    return stripeWebhookSecretOf(settings, secrets)
  })
  return progress.step('Backend', async () => {
    const clearBuild = () => rm(join(projectDir, buildDirOf(settings)), { recursive: true, force: true })
    await clearBuild()
    await closing.add(clearBuild)
    await closing.add(() => removeOperateFile(operate))
    const { jwtSecret, assemblyAiWebhookSecret } = secrets.data
    const running = await hostBackend({
      settings,
      stage,
      ports,
      tables,
      parts: { dynamoDbEndpoint, jwtSecret, assemblyAiWebhookSecret, stripeWebhookSecret },
    })
    await closing.add(() => running.close())
    await running.up
    host = running
    return running
  })
}

async function stripeWebhookSecretOf(
  settings: Settings,
  secrets: State<Secrets>,
): Promise<string | undefined> {
  if (settings.realVendors.includes('stripe')) return undefined
  return registerStripeWebhook(
    {
      apiKey: standInKeys.stripe,
      localPort: settings.localPort,
      url: `${apiUrlOf(settings)}/webhooks/stripe`,
    },
    secrets,
  )
}

/** State that an earlier version wrote, or that is damaged, names its file and what is wrong with it. */
function refuseState(error: unknown): never {
  throw new StartProblem(
    `${messageOf(error)}\nTo forget all local state and start afresh: npm start -- --fresh`,
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** A recogniser that can be handed out while its model still loads. */
function whenLoaded(loading: Promise<Recogniser>): Recogniser {
  return {
    transcribe: async (samples, signal) => (await loading).transcribe(samples, signal),
    hear: async hearing => (await loading).hear(hearing),
    close: async () => (await loading).close(),
  }
}

/** Closes what has started by then. What is still starting goes with this process. */
function onceStarted<T>(starting: Promise<T>, close: (started: T) => Promise<void>): () => Promise<void> {
  let closeIt = async (): Promise<void> => undefined
  starting.then(
    started => {
      closeIt = () => close(started)
    },
    () => undefined,
  )
  return () => closeIt()
}

/** Ends everything when a part that should go on ends by itself. */
function endWith(name: string, ended: Promise<string>): void {
  void ended.then(how => fail(new StartProblem(`${name} ended by itself (${how}). Start again: npm start`)))
}

function endOnSignals(): void {
  let firstSignalMs: number | undefined
  const onSignal = (): void => {
    firstSignalMs ??= performance.now()
    if (performance.now() - firstSignalMs > sameSignalMs) process.exit(130)
    void end()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  // scripts/run.mjs is gone, and nobody could end this any more.
  process.once('disconnect', onSignal)
}

async function end(): Promise<void> {
  if (closing.begun) return
  console.log('\nStopping …')
  await closing.close()
  console.log('Stopped.')
  process.exit(0)
}

async function fail(error: unknown): Promise<void> {
  if (closing.begun) return
  console.error(error instanceof StartProblem ? `\n${error.message}\n` : error)
  await closing.close()
  process.exit(1)
}
