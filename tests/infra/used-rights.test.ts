import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import * as z from 'zod'
import { CostBackend } from '../../bench/cost/backend.ts'
import { Listener, minuteMs } from '../../bench/cost/listener.ts'
import type { Exchange } from '../../bench/cost/tap.ts'
import { startWorld } from '../../bench/cost/world.ts'
import { readTemplate } from '../support/cloudformation.ts'
import { functionRolesOf, type Rights } from '../support/rights.ts'

const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** By function: what it asked of DynamoDB, as IAM calls it (`users GetItem`). */
const used = new Map<string, Set<string>>()

const requestSchema = z.looseObject({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  TransactItems: z.array(z.record(z.string(), z.object({ TableName: z.string() }))).optional(),
})

const indexes: Readonly<Record<string, keyof Rights>> = {
  user_id: 'transactionsOfUser',
  active_in: 'activeAccounts',
}

const shortName = (table: string): string => table.slice(table.lastIndexOf('-') + 1)

/** The rights that a request takes; a transaction takes those of its items. */
const rightsFor = ({ headers, request }: Exchange): string[] => {
  const operation = String(headers['x-amz-target']).replace(/^.*\./, '')
  const {
    TableName = '',
    IndexName,
    RequestItems,
    TransactItems,
  } = requestSchema.parse(JSON.parse(request.toString()))
  if (TransactItems) {
    return TransactItems.flatMap(item =>
      Object.entries(item).map(([kind, { TableName: table }]) => `${shortName(table)} ${kind}Item`),
    )
  }
  if (RequestItems) return Object.keys(RequestItems).map(table => `${shortName(table)} ${operation}`)
  return [`${IndexName === undefined ? shortName(TableName) : indexes[IndexName]} ${operation}`]
}

const granted = (rights: Rights): string[] =>
  Object.entries(rights).flatMap(([what, names]) => names.map(name => `${what} ${name}`))

/** Everything that a listener does, once, and what runs by the clock. */
const useEverything = async (backend: CostBackend): Promise<void> => {
  const listener = new Listener(backend)
  await listener.register()
  await listener.buy('power')
  await listener.signIn()
  await listener.refresh()
  await listener.readBalance()
  await listener.readPackages()
  const begin = Math.ceil(Date.now() / hourMs) * hourMs
  await listener.catchUpOnChannel(begin)
  await listener.caption(begin + dayMs)
  await listener.catchUpOnTranscript(begin + 2 * dayMs, 1)
  backend.setNow(begin + 3 * dayMs)
  await backend.invoke('sweep', 'sweep', {})
  await backend.invoke('reconcile', 'reconcile', {})
}

let world: Awaited<ReturnType<typeof startWorld>>
let backend: CostBackend

beforeAll(async () => {
  world = await startWorld()
  backend = await CostBackend.start(world, (name, exchanges) => {
    const rights = used.get(name) ?? new Set()
    for (const right of exchanges.flatMap(rightsFor)) rights.add(right)
    used.set(name, rights)
  })
  await useEverything(backend)
}, 240_000)

afterAll(async () => {
  await backend?.functions.close()
  await world?.close()
})

it('packed functions ask of DynamoDB what their roles allow, and nothing else', async () => {
  const roles = functionRolesOf(await readTemplate(inject('packagedStages').dev), 'dev')
  const refused = roles.flatMap(({ name, rights }) => {
    const allowed = granted(rights)
    return [...(used.get(name) ?? [])]
      .filter(right => !allowed.includes(right))
      .map(right => `${name}: ${right}`)
  })
  expect(refused).toEqual([])
  expect([...(used.get('webhook-stripe') ?? [])].sort()).toEqual([
    'transactions ConditionCheckItem',
    'transactions GetItem',
    'transactions UpdateItem',
    'users GetItem',
    'users UpdateItem',
  ])
})
