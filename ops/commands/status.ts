import * as z from 'zod'
import { type HealthResponse, healthResponseSchema } from '../../src/contracts/health.ts'
import { DynamoActiveAccounts } from '../../src/db/active-accounts.ts'
import { DynamoReconcileMark } from '../../src/db/reconcile-mark.ts'
import { DynamoSweepMark } from '../../src/db/sweep-mark.ts'
import { backoff } from '../../src/wiring/clock.ts'
import { defineCommand, type Operation } from '../command.ts'
import { DeadLetterQueue } from '../dead-letter-queue.ts'
import { type Business, readAlarms, readBusiness } from '../metrics.ts'
import { dollars, fieldsOf, moment, paragraphs, tableOf } from '../print.ts'
import { problemsOf, type StageFacts, type StageMarks, type StageProblem } from '../stage-health.ts'
import type { Target } from '../target.ts'

const dayMs = 24 * 3_600_000
const healthTimeoutMs = 10_000

export const registerStatus = defineCommand({
  usage: 'status',
  description: 'Whether the stage is well: ends with 1 when something is wrong, and names the runbook.',
  examples: ['status', 'status --stage prod'],
  input: z.object({}),
  run: async operation => {
    const status = await readStatus(operation)
    return { ok: status.problems.length === 0, text: textOf(status), data: dataOf(status) }
  },
})

/** What can be read is told, whatever else can't: it is at its worst that a stage is looked at. */
const readStatus = async ({ target, now }: Operation): Promise<Status> => {
  const unread: string[] = []
  const read = async <Value>(what: string, reading: Promise<Value>): Promise<Value | undefined> => {
    try {
      return await reading
    } catch (error) {
      unread.push(`${what} could not be read (${error instanceof Error ? error.name : 'unknown'}).`)
      return undefined
    }
  }
  const nowMs = now()
  const [stack, health, alarms, deadLetters, marks, activeAccounts, business] = await Promise.all([
    target.stack(),
    readHealth(target.apiUrl),
    read('CloudWatch’s alarms', readAlarms(target)),
    read('The queue of dead letters', countDeadLetters(target)),
    read('The marks of sweep and reconciliation', readMarks(target)),
    read('Who was active', countActive(target, now)),
    read('What was sold and used', readBusiness(target, nowMs - dayMs, nowMs)),
  ])
  const facts: StageFacts = {
    nowMs,
    ...health,
    stack: { status: stack.status, changedAtMs: stack.changedAtMs, version: stack.outputs.Version },
    alarms,
    deadLetters,
    marks,
    unread,
  }
  return { target, facts, activeAccounts, business, problems: problemsOf(facts) }
}

const readMarks = async ({ database }: Target): Promise<StageMarks> => ({
  sweptAtMs: await new DynamoSweepMark(database, backoff).read(),
  reconciledAtMs: await new DynamoReconcileMark(database, backoff).lastRunAtMs(),
})

const readHealth = async (
  apiUrl: string,
): Promise<{ health: HealthResponse | undefined; healthProblem: string | undefined }> => {
  const url = `${apiUrl}/health`
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(healthTimeoutMs) })
    const parsed = healthResponseSchema.safeParse(await response.json())
    if (parsed.success) return { health: parsed.data, healthProblem: undefined }
    return { health: undefined, healthProblem: `${url} answers ${response.status}, and not with its health.` }
  } catch (error) {
    const why = error instanceof Error ? error.message : 'unknown'
    return { health: undefined, healthProblem: `${url} does not answer (${why}).` }
  }
}

const countDeadLetters = async (target: Target): Promise<number> => {
  const queue = await DeadLetterQueue.of(target)
  try {
    return await queue.count()
  } finally {
    queue.close()
  }
}

const countActive = async (target: Target, now: () => number): Promise<number> => {
  const accounts = new Set<string>()
  const activity = new DynamoActiveAccounts(target.database, backoff, now)
  for await (const page of activity.since(now() - dayMs)) for (const userId of page) accounts.add(userId)
  return accounts.size
}

interface Status {
  readonly target: Target
  readonly facts: StageFacts
  readonly activeAccounts: number | undefined
  readonly business: Business | undefined
  readonly problems: readonly StageProblem[]
}

const momentOf = (atMs: number | undefined): string | null => (atMs === undefined ? null : moment(atMs))

const dataOf = ({ target, facts, activeAccounts, business, problems }: Status) => ({
  stage: target.stage,
  region: target.region,
  api_url: target.apiUrl,
  version: facts.health?.version ?? null,
  health: facts.health?.status ?? 'unreachable',
  stack: facts.stack.status,
  changed_at: momentOf(facts.stack.changedAtMs),
  tables_suffix: target.tablesSuffix,
  alarms: facts.alarms ?? null,
  dead_letters: facts.deadLetters ?? null,
  last_sweep_at: momentOf(facts.marks?.sweptAtMs),
  last_reconcile_at: momentOf(facts.marks?.reconciledAtMs),
  last_24_hours: {
    active_accounts: activeAccounts ?? null,
    accounts_opened: business?.accountsOpened ?? null,
    checkouts_opened: business?.checkoutsOpened ?? null,
    credits_sold: business?.creditsSold ?? null,
    price_cents_sold: business?.priceCentsSold ?? null,
    credits_used: business?.creditsUsed ?? null,
  },
  problems,
})

const textOf = (status: Status): string => {
  const { problems, facts } = status
  const data = dataOf(status)
  const hours = data.last_24_hours
  const never = facts.marks && 'none yet'
  return paragraphs(
    fieldsOf({
      Stage: `${data.stage} (${data.region})`,
      API: `${data.api_url} is ${data.health}`,
      Version: data.version,
      Stack: data.changed_at === null ? data.stack : `${data.stack} since ${data.changed_at}`,
      Tables: data.tables_suffix === '' ? 'the first' : `restored: ${data.tables_suffix}`,
      Alarms: data.alarms?.length === 0 ? 'none sounds' : (data.alarms?.join(', ') ?? null),
      'Dead letters': data.dead_letters,
      'Last sweep': data.last_sweep_at ?? never ?? null,
      'Last reconciliation': data.last_reconcile_at ?? never ?? null,
    }),
    tableOf(
      ['Last 24 hours', ''],
      [
        ['active accounts', hours.active_accounts],
        ['accounts opened', hours.accounts_opened],
        ['checkouts opened', hours.checkouts_opened],
        ['credits sold', hours.credits_sold],
        ['sold for', hours.price_cents_sold === null ? null : dollars(hours.price_cents_sold)],
        ...Object.entries(hours.credits_used ?? {}).map(([service, used]) => [
          `credits used: ${service}`,
          used,
        ]),
      ],
    ),
    problems.length === 0 ? 'All is well.' : `What is wrong:\n${problems.map(lineOf).join('\n')}`,
  )
}

const lineOf = ({ what, runbook }: StageProblem): string => `  ${what} See ${runbook}`
