import { join } from 'node:path'
import type { FastifyPluginAsync } from 'fastify'
import type * as z from 'zod'
import { createAgenda } from '../agenda.ts'
import { openState } from '../state.ts'
import { cloudFormationService, type Stack } from './cloudformation.ts'
import { type Alarm, type Measured, stateOf } from './cloudwatch/alarms.ts'
import { readSamples, type Sample } from './cloudwatch/embedded-metrics.ts'
import { cloudWatchService } from './cloudwatch/service.ts'
import { registerControl } from './control.ts'
import { costData, costExplorerService, madeUpCosts } from './cost-explorer.ts'
import { createEngine } from './dynamodb/engine.ts'
import { createRecovery, recoveryData } from './dynamodb/recovery.ts'
import { dynamoDbService } from './dynamodb/service.ts'
import { registerJsonService } from './json-protocol.ts'
import { emptyLambdaData, lambdaData } from './lambda/data.ts'
import { createInvoker } from './lambda/invoker.ts'
import { createInvocationQueue, type FunctionSettings } from './lambda/queue.ts'
import { registerLambda } from './lambda/routes.ts'
import { awsPage } from './page.ts'
import { registerQueryService } from './query-protocol.ts'
import { queueData } from './sqs/data.ts'
import { createQueue } from './sqs/queue.ts'
import { sqsService } from './sqs/service.ts'
import { stsService } from './sts.ts'

/** What serverless.yml says of the running service. */
export interface ServiceFacts {
  functions: readonly FunctionSettings[]
  alarms: readonly Alarm[]
  stack: Stack
  /** What the names of the ledger's tables end in. */
  tablesSuffix: string
}

/** How the stand-in is set up. */
export interface AwsStandInOptions {
  /** Where it is reached, its prefix included, without a slash at its end. */
  publicUrl: string
  /** The one access key that is accepted. */
  accessKeyId: string
  accountId: string
  region: string
  /** Who calls, as STS tells it. */
  userName: string
  /** Where serverless-offline takes invocations of functions, without a slash at its end. */
  lambdaUrl: string
  /** Where DynamoDB Local is. */
  dynamoDbEndpoint: string
  /** The tables that are kept so that they can be had back; resolves once they are there. */
  recoverableTables(): Promise<readonly string[]>
  /** May change when other tables are used. */
  service(): Promise<ServiceFacts>
  /** Of the queue that takes what failed for good. */
  deadLettersName: string
  /** Where the backend writes its log. */
  backendLog: string
  /** What the backend's metrics are filed under. */
  metricsNamespace: string
  /** Runs the backend on the tables whose names end in this; its error's message says why it can't. */
  useTables(suffix: string): Promise<void>
  /** Directory in which everything survives a restart; in memory when left out. */
  stateDir?: string
  /** Pauses before an asynchronous invocation is run again. */
  retryDelaysMs?: readonly number[]
  /** The clock, in milliseconds since 1970. */
  now?: () => number
}

/** As much as Lambda takes in one synchronous invocation, and a little for what is around it. */
const bodyLimitBytes = 7 * 1024 * 1024
/** Lambda's are a minute and two. */
const shortRetryDelaysMs = [2_000, 4_000]

/**
 * What the backend and the operator's commands use of AWS, each service under its own path. DynamoDB's is the one
 * that adds to DynamoDB Local what that lacks. For people: `GET /` shows what there is, `POST /control` switches
 * tables and makes up a bill.
 */
export const awsStandIn: FastifyPluginAsync<AwsStandInOptions> = async (app, options) => {
  const { accountId, region, accessKeyId, publicUrl, deadLettersName, metricsNamespace } = options
  const nowMs = options.now ?? Date.now
  const onError = (error: unknown): void => app.log.error(error)
  const open = <T>(name: string, schema: z.ZodType<T>, initial: T) =>
    openState(options.stateDir === undefined ? undefined : join(options.stateDir, name), schema, initial)
  const functionArn = (name: string): string => `arn:aws:lambda:${region}:${accountId}:function:${name}`
  const findFunction = async (nameOrArn: string): Promise<FunctionSettings | undefined> =>
    (await options.service()).functions.find(({ name }) => [name, functionArn(name)].includes(nameOrArn))

  const queue = createQueue(await open('sqs.json', queueData, { messages: [] }), nowMs)
  const lambda = await open('lambda.json', lambdaData, emptyLambdaData())
  const invoke = createInvoker(options.lambdaUrl)
  const invocations = createInvocationQueue({
    state: lambda,
    invoke,
    settingsOf: findFunction,
    functionArn,
    retryDelaysMs: options.retryDelaysMs ?? shortRetryDelaysMs,
    nowMs,
    bury: async record => void (await queue.send(record)),
    onRun: () => void agenda.wake(),
    onError,
  })
  const agenda = createAgenda(nowMs, [{ nextDueMs: invocations.nextDueMs, run: invocations.start }], onError)

  const engine = createEngine(options.dynamoDbEndpoint)
  const restored = await open('dynamodb.json', recoveryData, { tables: [], restores: [] })
  const recovery = createRecovery({
    engine,
    state: restored,
    dir: options.stateDir === undefined ? undefined : join(options.stateDir, 'journal'),
    nowMs,
    onError,
  })
  const costs = await open('costs.json', costData, madeUpCosts())

  const sinceMs = nowMs()
  const measured = async (): Promise<Measured> => ({
    samples: [
      ...(await readSamples(options.backendLog)),
      queueDepth(deadLettersName, queue.counts().visible, nowMs()),
    ],
    has: namespace => [metricsNamespace, 'AWS/SQS'].includes(namespace),
    sinceMs,
  })

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyLimitBytes }, (_request, body, done) =>
    done(null, body),
  )
  registerQueryService(app, stsService(options))
  const stack = async (): Promise<Stack> => (await options.service()).stack
  registerQueryService(app, cloudFormationService({ ...options, stack, startedAt: new Date(sinceMs) }))
  registerJsonService(
    app,
    sqsService({
      accessKeyId,
      queueUrl: `${publicUrl}/sqs/${accountId}/${deadLettersName}`,
      queueArn: `arn:aws:sqs:${region}:${accountId}:${deadLettersName}`,
      queue,
    }),
  )
  const alarms = async (): Promise<readonly Alarm[]> => (await options.service()).alarms
  registerJsonService(app, cloudWatchService({ accessKeyId, measured, alarms, nowMs }))
  registerJsonService(app, costExplorerService({ accessKeyId, state: costs, nowMs }))
  registerJsonService(app, dynamoDbService({ accessKeyId, engine, recovery, nowMs }))
  registerLambda(app, {
    accessKeyId,
    findFunction: async nameOrArn => (await findFunction(nameOrArn))?.name,
    functionArn,
    invoke,
    accept: async (...event) => {
      await invocations.accept(...event)
      await agenda.wake()
    },
  })
  registerControl(app, {
    costs,
    useTables: async suffix => {
      await options.useTables(suffix)
      await recovery.watch(await options.recoverableTables())
    },
  })
  app.get('/', async (_request, reply) => {
    const [known, service] = await Promise.all([measured(), options.service()])
    const page = awsPage({
      pending: Object.values(lambda.data.pending),
      finished: lambda.data.finished,
      deadLetters: queue.messages(),
      alarms: service.alarms.map(alarm => ({
        alarm,
        state: stateOf(alarm, known, nowMs()),
      })),
      restores: restored.data.restores,
      tablesSuffix: service.tablesSuffix,
      dollarsPerDay: costs.data.dollarsPerDay,
      nowMs: nowMs(),
    })
    return reply.type('text/html; charset=utf-8').send(page)
  })

  app.addHook('onReady', async () => {
    await agenda.wake()
    void options.recoverableTables().then(recovery.watch).catch(onError)
  })
  app.addHook('onClose', async () => {
    agenda.close()
    invocations.close()
    await recovery.close()
  })
}

function queueDepth(queueName: string, visible: number, atMs: number): Sample {
  return {
    namespace: 'AWS/SQS',
    metric: 'ApproximateNumberOfMessagesVisible',
    dimensions: { QueueName: queueName },
    atMs,
    value: visible,
  }
}
