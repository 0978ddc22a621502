import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { resolveTarget } from '../../../ops/target.ts'

const secret = 'sk_live_of_the_stage'
const outputs: Record<string, string> = {
  ApiUrl: 'https://api.example.com/',
  UsersTableName: 'live-transcription-prod-users-r20261129120000',
  UsageTableName: 'live-transcription-prod-usage-r20261129120000',
  TransactionsTableName: 'live-transcription-prod-transactions-r20261129120000',
  EphemeraTableName: 'live-transcription-prod-ephemera',
  TablesSuffix: '-r20261129120000',
  Version: 'v1.2.3',
}

let server: Server
/** What AWS has for outputs of the stack live-transcription-prod. */
let found: Record<string, string>
let asked: { what: string; body: string }[]

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

const stacks = (): string => {
  const members = Object.entries(found)
    .map(
      ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
    )
    .join('')
  return `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
    <StackName>live-transcription-prod</StackName><StackStatus>UPDATE_COMPLETE</StackStatus>
    <CreationTime>2026-11-01T00:00:00Z</CreationTime><LastUpdatedTime>2026-11-29T00:00:00Z</LastUpdatedTime>
    <Outputs>${members}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`
}

const noStack = `<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>
  <Message>Stack with id live-transcription-other does not exist</Message></Error></ErrorResponse>`

const identity = `<GetCallerIdentityResponse><GetCallerIdentityResult>
  <Arn>arn:aws:iam::123456789012:user/ada</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`

const answer = (what: string, body: string): { status: number; text: string } => {
  if (what === 'DescribeStacks') {
    return body.includes('live-transcription-prod')
      ? { status: 200, text: stacks() }
      : { status: 400, text: noStack }
  }
  if (what === 'GetCallerIdentity') return { status: 200, text: identity }
  if (what === 'AmazonSSM.GetParameters') {
    const Parameters = [{ Name: '/live-transcription/prod/STRIPE_SECRET_KEY', Value: secret }]
    return { status: 200, text: JSON.stringify({ Parameters }) }
  }
  return { status: 500, text: '' }
}

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const target = request.headers['x-amz-target']
    const what = typeof target === 'string' ? target : (new URLSearchParams(body).get('Action') ?? '')
    asked.push({ what, body })
    const { status, text } = answer(what, body)
    response.writeHead(status, { 'content-type': text.startsWith('{') ? 'application/json' : 'text/xml' })
    response.end(text)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  vi.stubEnv('AWS_ENDPOINT_URL', `http://127.0.0.1:${port}`)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'secret')
})

afterAll(() => {
  vi.unstubAllEnvs()
  server.close()
})

beforeEach(() => {
  found = outputs
  asked = []
})

const prod = () => resolveTarget({ stage: 'prod', region: 'eu-central-1' })

describe('a stage in the cloud', () => {
  it('is known by the outputs of its stack', async () => {
    const target = await prod()
    expect(target).toMatchObject({
      isProd: true,
      region: 'eu-central-1',
      stateDir: undefined,
      apiUrl: 'https://api.example.com',
      tablesSuffix: '-r20261129120000',
      database: {
        tables: {
          users: outputs.UsersTableName,
          usage: outputs.UsageTableName,
          transactions: outputs.TransactionsTableName,
          ephemera: outputs.EphemeraTableName,
        },
      },
    })
    expect(await target.stack()).toMatchObject({
      status: 'UPDATE_COMPLETE',
      changedAtMs: Date.parse('2026-11-29T00:00:00Z'),
    })
  })

  it('has its secrets read from SSM, when they are needed', async () => {
    const target = await prod()
    expect(asked.map(({ what }) => what)).toEqual(['DescribeStacks'])
    expect((await target.config('stripe')).stripe.STRIPE_SECRET_KEY).toBe(secret)
    expect(asked.at(-1)?.body).toContain('/live-transcription/prod/STRIPE_SECRET_KEY')
  })

  it('knows who operates it, and asks once', async () => {
    const target = await prod()
    expect(await target.operator()).toBe('arn:aws:iam::123456789012:user/ada')
    await target.operator()
    expect(asked.filter(({ what }) => what === 'GetCallerIdentity')).toHaveLength(1)
  })

  it('says plainly that there is none', async () => {
    await expect(resolveTarget({ stage: 'other', region: 'eu-central-1' })).rejects.toThrow(
      'There is no stack live-transcription-other in eu-central-1.',
    )
  })

  it('says which output an older deployment lacks', async () => {
    const { EphemeraTableName: _, ...older } = outputs
    found = older
    await expect(prod()).rejects.toThrow('has no output EphemeraTableName. Deploy it again')
  })
})
