import { join } from 'node:path'
import type { FastifyPluginAsync } from 'fastify'
import { createAgenda } from '../agenda.ts'
import { openState } from '../state.ts'
import { registerJsonService } from './json-protocol.ts'
import { emptyLambdaData, lambdaData } from './lambda/data.ts'
import { createInvoker } from './lambda/invoker.ts'
import { createInvocationQueue, type FunctionSettings } from './lambda/queue.ts'
import { registerLambda } from './lambda/routes.ts'
import { registerQueryService } from './query-protocol.ts'
import { queueData } from './sqs/data.ts'
import { createQueue } from './sqs/queue.ts'
import { sqsService } from './sqs/service.ts'
import { stsService } from './sts.ts'

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
  /** The functions of serverless.yml. */
  functions(): Promise<readonly FunctionSettings[]>
  /** Of the queue that takes what failed for good. */
  deadLettersName: string
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

/** What the backend and the operator's commands use of AWS beside DynamoDB, each service under its own path. */
export const awsStandIn: FastifyPluginAsync<AwsStandInOptions> = async (app, options) => {
  const { accountId, region, accessKeyId, publicUrl, deadLettersName } = options
  const nowMs = options.now ?? Date.now
  const file = (name: string): string | undefined =>
    options.stateDir === undefined ? undefined : join(options.stateDir, name)
  const functionArn = (name: string): string => `arn:aws:lambda:${region}:${accountId}:function:${name}`
  const findFunction = async (nameOrArn: string): Promise<FunctionSettings | undefined> =>
    (await options.functions()).find(({ name }) => [name, functionArn(name)].includes(nameOrArn))

  const queue = createQueue(await openState(file('sqs.json'), queueData, { messages: [] }), nowMs)
  const invoke = createInvoker(options.lambdaUrl)
  const invocations = createInvocationQueue({
    state: await openState(file('lambda.json'), lambdaData, emptyLambdaData()),
    invoke,
    settingsOf: findFunction,
    functionArn,
    retryDelaysMs: options.retryDelaysMs ?? shortRetryDelaysMs,
    nowMs,
    bury: async record => void (await queue.send(record)),
    onRun: () => void agenda.wake(),
    onError: error => app.log.error(error),
  })
  const agenda = createAgenda(nowMs, [{ nextDueMs: invocations.nextDueMs, run: invocations.start }], error =>
    app.log.error(error),
  )

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyLimitBytes }, (_request, body, done) =>
    done(null, body),
  )
  registerQueryService(app, stsService(options))
  registerJsonService(
    app,
    sqsService({
      accessKeyId,
      queueUrl: `${publicUrl}/sqs/${accountId}/${deadLettersName}`,
      queueArn: `arn:aws:sqs:${region}:${accountId}:${deadLettersName}`,
      queue,
    }),
  )
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

  app.addHook('onReady', agenda.wake)
  app.addHook('onClose', async () => {
    agenda.close()
    invocations.close()
  })
}
