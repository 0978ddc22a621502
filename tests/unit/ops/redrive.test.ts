import { GetQueueAttributesCommand, ReceiveMessageCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Operation } from '../../../ops/command.ts'
import { redrive } from '../../../ops/commands/redrive.ts'
import type { Target } from '../../../ops/target.ts'
import { type AwsUnderTest, clientOptions, facts, startAws } from '../../support/aws-stand-in.ts'

const worker = 'live-transcription-dev-worker'
const gone = 'live-transcription-dev-gone'

let aws: AwsUnderTest
let ran: string[]

beforeEach(async () => {
  ran = []
  aws = await startAws({
    lambdaUrl: 'http://127.0.0.1:9',
    service: async () => ({
      ...facts,
      functions: [{ name: worker, maximumRetryAttempts: 0, maximumEventAgeMs: 60_000 }],
    }),
  })
})

afterEach(() => aws.close())

/** What Lambda leaves of an invocation that failed for good. */
const failed = async (requestId: string, functionName = worker): Promise<void> => {
  const MessageBody = JSON.stringify({
    timestamp: '2026-11-29T13:23:36.000Z',
    requestContext: {
      requestId,
      functionArn: `arn:aws:lambda:eu-central-1:123456789012:function:${functionName}:$LATEST`,
      condition: 'RetriesExhausted',
      approximateInvokeCount: 3,
    },
    requestPayload: {},
  })
  await aws.sqs.send(new SendMessageCommand({ QueueUrl: aws.queueUrl, MessageBody }))
}

const run = (
  options: { only?: string; discard?: boolean; apply?: boolean } = {},
  lambdaUrl = `${aws.origin}/aws/lambda`,
) => {
  const target = {
    stage: 'dev',
    region: 'eu-central-1',
    isProd: false,
    clientOptions: (service: string) =>
      clientOptions(service === 'lambda' ? lambdaUrl : `${aws.origin}/aws/${service}`),
    stack: async () => ({ outputs: { DeadLettersUrl: aws.queueUrl } }),
  } as unknown as Target
  const operation: Operation = {
    target,
    confirm: async () => undefined,
    yes: true,
    progress: line => void ran.push(line),
    now: Date.now,
  }
  return redrive(operation, { apply: false, discard: false, ...options })
}

const left = async (): Promise<number> => {
  const { Messages = [] } = await aws.sqs.send(
    new ReceiveMessageCommand({ QueueUrl: aws.queueUrl, MaxNumberOfMessages: 10 }),
  )
  return Messages.length
}

describe('the command that it prints', () => {
  const ofStage = '--stage dev --region eu-central-1'

  it.each([
    ['all', {}, `To run them again: npm run ops -- redrive --apply ${ofStage}`],
    ['one', { only: 'r-1' }, `To run it again: npm run ops -- redrive --only r-1 --apply ${ofStage}`],
    [
      'all, to be deleted',
      { discard: true },
      `To delete them: npm run ops -- redrive --discard --apply ${ofStage}`,
    ],
    [
      'one, to be deleted',
      { only: 'r-1', discard: true },
      `To delete it: npm run ops -- redrive --only r-1 --discard --apply ${ofStage}`,
    ],
  ])('is for what was asked about: %s', async (_, options, told) => {
    await failed('r-1')
    await failed('r-2')
    const { text } = await run(options)
    expect(text.split('\n').at(-1)).toBe(told)
    expect(await left()).toBe(2)
  })
})

describe('with --apply', () => {
  it('keeps the letter of a function that is gone, says so, and goes on with the others', async () => {
    await failed('r-1', gone)
    await failed('r-2')
    const report = await run({ apply: true })
    expect(report).toMatchObject({
      ok: false,
      data: {
        dead_letters: [
          { function: gone, outcome: 'kept' },
          { function: worker, outcome: 'run again' },
        ],
      },
    })
    expect(report.text).toContain('this stage has no such function')
    expect(ran).toEqual([expect.stringContaining(`${gone} `), expect.stringContaining(`${worker} `)])
    expect(await left()).toBe(1)
  })

  it("stops at a failure that is not the letter's own", async () => {
    await failed('r-1')
    await expect(run({ apply: true }, 'http://127.0.0.1:9')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const { Attributes } = await aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: aws.queueUrl, AttributeNames: ['All'] }),
    )
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '1' })
  })
})
