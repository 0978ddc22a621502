import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { v7 } from 'uuid'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { booksOf, findListener } from '../../ops/books.ts'
import type { Database } from '../../src/db/dynamodb.ts'
import { Adjustments } from '../../src/domain/adjustments.ts'
import { connectToOwnTables } from '../support/database.ts'
import { createErasure } from '../support/erasure.ts'
import { createLedger, openAccount, type TestLedger } from '../support/ledger.ts'
import { type StripeUnderTest, startStripe } from '../support/stripe-stand-in.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'

const leaseMs = 60_000
const reason = 'Sorry'
const actor = 'arn:aws:iam::123456789012:user/ann'

let nowMs = Date.now()
let test: TestLedger
let stripe: StripeUnderTest
let vendors: Vendors
let userId: string
/** What DynamoDB was asked for since the operator began, as IAM calls it: `Users: GetItem`. */
let asked: Set<string>

const inputSchema = z.looseObject({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  TransactItems: z.array(z.record(z.string(), z.object({ TableName: z.string() }))).optional(),
})

/** The rights that a command takes; a transaction takes those of its items. */
const rightsOf = ({ tables }: Database, commandName: string, input: unknown): string[] => {
  const { TableName = '', TransactItems } = inputSchema.parse(input)
  const named = (table: string, action: string): string => {
    const [name = table] = Object.entries(tables).find(([, full]) => full === table) ?? []
    return `${name.slice(0, 1).toUpperCase()}${name.slice(1)}: ${action}`
  }
  const actions: Record<string, string> = { Put: 'PutItem', Update: 'UpdateItem', Delete: 'DeleteItem' }
  if (!TransactItems) {
    return [
      named(TableName, commandName.replace(/Command$/, '').replace(/^(Get|Put|Update|Delete)$/, '$1Item')),
    ]
  }
  return TransactItems.flatMap(item =>
    Object.entries(item).map(([kind, { TableName: table }]) => named(table, actions[kind] ?? kind)),
  )
}

beforeAll(async () => {
  stripe = await startStripe()
  vendors = await startVendors()
  test = createLedger(await connectToOwnTables(), () => nowMs)
  test.database.client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async args => {
        for (const right of rightsOf(test.database, commandName, args.input)) asked.add(right)
        return next(args)
      },
    { step: 'initialize' },
  )
})

afterAll(async () => {
  await stripe.close()
  await vendors.close()
})

/** An account that has used something, and on which a grant, an answer and live captions have run out unseen. */
beforeEach(async () => {
  asked = new Set()
  userId = await openAccount(test, nowMs)
  const expires_at = new Date(nowMs + 3 * leaseMs).toISOString()
  const grant = { transaction_id: v7(), credits: 40, reason, actor, expires_at }
  await new Adjustments(books()).grant(userId, grant)
  const settled = await open('ask_agent', 5)
  await test.ledger.settle(settled, { cost: 5, metadata: {}, result: 'Leisure.' })
  await open('ask_agent', 5)
  await open('live_transcription', 10)
  nowMs += 3 * leaseMs
  asked.clear()
})

const open = async (service: 'ask_agent' | 'live_transcription', credits: number) => {
  const firstLease = (startedAtMs: number) => ({
    startedAtMs,
    lease: 1,
    paidSeconds: leaseMs / 1_000,
    leaseSeconds: leaseMs / 1_000,
    language: 'en',
  })
  const opened = await test.ledger.open({
    userId,
    operationId: v7({ msecs: nowMs }),
    service,
    credits,
    requestHash: 'AbCd1234',
    holdMs: leaseMs,
    ...(service === 'live_transcription' ? { firstLease } : {}),
  })
  if (opened.state !== 'reserved') throw new Error('Nothing was held.')
  return opened.reservation
}

const books = () =>
  booksOf({ target: { database: test.database }, now: () => nowMs, progress: () => undefined })

/** What docs/operating.md says that a command needs of the stage's tables. */
const documented = async (command: string): Promise<string[]> => {
  const page = await readFile(join(projectDir, 'docs/operating.md'), 'utf8')
  const [, rights = ''] = page
    .split('\n')
    .map(line => line.match(/^\| (`.+?) \| (.+) \|$/)?.slice(1) ?? [])
    .find(([names]) => names?.split(', ').includes(`\`${command}\``)) ?? ['', '']
  return rights.split(' · ').flatMap(part => {
    const [, table, actions] = part.match(/^(Users|Usage|Transactions|Ephemera): (.+)$/) ?? []
    return [...(actions ?? '').matchAll(/`(\w+)`/g)].map(([, action]) => `${table}: ${action}`)
  })
}

/** Where somebody else ends live captions first; for `adjust --books`. */
const seldom = new Set(['Usage: GetItem', 'Transactions: ConditionCheckItem'])

const acts = {
  grant: async () => {
    const expires_at = new Date(nowMs + leaseMs).toISOString()
    const request = { transaction_id: v7(), credits: 40, reason, actor, expires_at }
    await new Adjustments(books()).grant(userId, request)
  },
  adjust: async () => {
    await new Adjustments(books()).adjust(userId, { transaction_id: v7(), credits: 40, reason, actor })
  },
  erase: async () => {
    await createErasure(test, stripe, vendors, books()).run(userId)
  },
}

it.each(['grant', 'adjust', 'erase'] as const)(
  'docs/operating.md names all that %s asks of DynamoDB',
  async name => {
    await findListener(books(), userId)
    await acts[name]()
    const rights = await documented(name)
    expect([...asked].filter(right => !rights.includes(right))).toEqual([])
    expect(rights.filter(right => !asked.has(right) && !seldom.has(right))).toEqual([])
  },
)
