import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { TableRecovery } from '../../../ops/table-recovery.ts'

const inputSchema = z.looseObject({ TableName: z.string().optional(), ResourceArn: z.string().optional() })
type Input = z.output<typeof inputSchema>
type Answer = object | { readonly __type: string }

const arnOf = (name: string): string => `arn:aws:dynamodb:eu-central-1:123456789012:table/${name}`

let server: Server
let recovery: TableRecovery
/** By the operation's name. */
let answers: Record<string, (input: Input) => Answer>
let asked: { operation: string; input: Input }[]

const inputsOf = (operation: string): Input[] =>
  asked.filter(call => call.operation === operation).map(({ input }) => input)

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const input = inputSchema.parse(JSON.parse(Buffer.concat(chunks).toString()))
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? ''
    asked.push({ operation, input })
    const answer = answers[operation]?.(input) ?? {}
    response.writeHead('__type' in answer ? 400 : 200, { 'content-type': 'application/x-amz-json-1.0' })
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  recovery = new TableRecovery({
    clientOptions: () => ({
      region: 'eu-central-1',
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    }),
  })
})

afterAll(() => {
  recovery.close()
  server.close()
})

beforeEach(() => {
  asked = []
  answers = {
    DescribeTable: ({ TableName: name = '' }) => ({
      Table: {
        TableName: name,
        TableArn: arnOf(name),
        TableStatus: 'ACTIVE',
        DeletionProtectionEnabled: name === 'users',
        ...(name === 'users' ? {} : { RestoreSummary: { SourceTableArn: arnOf('users') } }),
      },
    }),
    DescribeContinuousBackups: () => ({
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' },
      },
    }),
    ListTagsOfResource: () => ({
      Tags: [
        { Key: 'stage', Value: 'prod' },
        { Key: 'aws:cloudformation:stack-name', Value: 'live-transcription-prod' },
      ],
    }),
  }
})

describe('a restored table', () => {
  it('gets what a restore leaves out: recovery, protection against deletion, and our tags', async () => {
    await recovery.protect('users', 'users-r1')
    expect(inputsOf('UpdateContinuousBackups')).toMatchObject([
      { TableName: 'users-r1', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    ])
    expect(inputsOf('UpdateTable')).toMatchObject([
      { TableName: 'users-r1', DeletionProtectionEnabled: true },
    ])
    expect(inputsOf('TagResource')).toMatchObject([
      { ResourceArn: arnOf('users-r1'), Tags: [{ Key: 'stage', Value: 'prod' }] },
    ])
  })

  it('is waited for while it takes no change yet', async () => {
    let refusals = 2
    answers.UpdateContinuousBackups = () =>
      refusals-- > 0 ? { __type: 'ContinuousBackupsUnavailableException' } : {}
    await recovery.protect('users', 'users-r1')
    expect(inputsOf('UpdateContinuousBackups')).toHaveLength(3)
  })

  it('is not asked again where it is refused for good', async () => {
    answers.UpdateContinuousBackups = () => ({ __type: 'AccessDeniedException' })
    await expect(recovery.protect('users', 'users-r1')).rejects.toThrow()
    expect(inputsOf('UpdateContinuousBackups')).toHaveLength(1)
  })

  it('is found once it is there, and taken for none of ours where it came from elsewhere', async () => {
    expect(await recovery.find('users-r1', 'users')).toEqual({ name: 'users-r1', isActive: true })
    await expect(recovery.find('users-r1', 'usage')).rejects.toThrow('was not restored from usage')
    answers.DescribeTable = () => ({ __type: 'ResourceNotFoundException' })
    expect(await recovery.find('users-r1', 'users')).toBeUndefined()
  })
})

describe('where a restored table came from', () => {
  it('is what AWS says', async () => {
    expect(await recovery.sourceOf('users-r1')).toBe('users')
  })

  it('is not known of a table that was not restored, and no use where the former one is gone', async () => {
    await expect(recovery.sourceOf('users')).rejects.toThrow(
      'does not say from which table users was restored',
    )
    const { DescribeTable: describeTable = () => ({}) } = answers
    answers.DescribeTable = input =>
      input.TableName === 'users' ? { __type: 'ResourceNotFoundException' } : describeTable(input)
    await expect(recovery.sourceOf('users-r1')).rejects.toThrow('restored from users, which is gone')
  })
})

describe('when a table can be restored', () => {
  it('is what AWS says', async () => {
    answers.DescribeContinuousBackups = () => ({
      ContinuousBackupsDescription: {
        PointInTimeRecoveryDescription: {
          PointInTimeRecoveryStatus: 'ENABLED',
          EarliestRestorableDateTime: 1_700_000_000,
          LatestRestorableDateTime: 1_700_000_600,
        },
      },
    })
    expect(await recovery.windowOf('users')).toEqual({
      earliestMs: 1_700_000_000_000,
      latestMs: 1_700_000_600_000,
    })
  })

  it('is never, where recovery is not switched on or the table is gone', async () => {
    await expect(recovery.windowOf('users')).rejects.toThrow('is not switched on for users')
    answers.DescribeContinuousBackups = () => ({ __type: 'TableNotFoundException' })
    await expect(recovery.windowOf('users')).rejects.toThrow('There is no table users.')
  })
})
