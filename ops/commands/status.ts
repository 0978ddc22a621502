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
import { problemsOf, type StageFacts, type StageProblem } from '../stage-health.ts'
import type { Target } from '../target.ts'

const dayMs = 24 * 3_600_000
const healthTimeoutMs = 10_000

export const registerStatus = defineCommand({
  usage: 'status',
  description: 'Whether the stage is well: ends with 1 when something is wrong, and names the runbook.',
  examples: ['status', 'status --stage prod'],
  input: z.object({}),
  run: async operation => {
    const { target } = operation
    const [facts, activeAccounts, business] = await Promise.all([
      readFacts(operation),
      countActive(operation),
      readBusiness(target, operation.now() - dayMs, operation.now()),
    ])
    const status = { target, facts, activeAccounts, business, problems: problemsOf(facts) }
    return { ok: status.problems.length === 0, text: textOf(status), data: dataOf(status) }
  },
})

const readFacts = async ({ target, now }: Operation): Promise<StageFacts> => {
  const [health, stack, alarms, deadLetters, sweptAtMs, reconciledAtMs] = await Promise.all([
    readHealth(target.apiUrl),
    target.stack(),
    readAlarms(target),
    countDeadLetters(target),
    new DynamoSweepMark(target.database, backoff).read(),
    new DynamoReconcileMark(target.database, backoff).lastRunAtMs(),
  ])
  return {
    nowMs: now(),
    ...health,
    stack: { status: stack.status, changedAtMs: stack.changedAtMs, version: stack.outputs.Version },
    alarms,
    deadLetters,
    sweptAtMs,
    reconciledAtMs,
  }
}

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

const countActive = async ({ target, now }: Operation): Promise<number> => {
  const accounts = new Set<string>()
  const activity = new DynamoActiveAccounts(target.database, backoff, now)
  for await (const page of activity.since(now() - dayMs)) for (const userId of page) accounts.add(userId)
  return accounts.size
}

interface Status {
  readonly target: Target
  readonly facts: StageFacts
  readonly activeAccounts: number
  readonly business: Business
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
  alarms: facts.alarms,
  dead_letters: facts.deadLetters,
  last_sweep_at: momentOf(facts.sweptAtMs),
  last_reconcile_at: momentOf(facts.reconciledAtMs),
  last_24_hours: {
    active_accounts: activeAccounts,
    accounts_opened: business.accountsOpened,
    checkouts_opened: business.checkoutsOpened,
    credits_sold: business.creditsSold,
    price_cents_sold: business.priceCentsSold,
    credits_used: business.creditsUsed,
  },
  problems,
})

const textOf = (status: Status): string => {
  const { business, problems } = status
  const data = dataOf(status)
  const hours = data.last_24_hours
  return paragraphs(
    fieldsOf({
      Stage: `${data.stage} (${data.region})`,
      API: `${data.api_url} is ${data.health}`,
      Version: data.version,
      Stack: data.changed_at === null ? data.stack : `${data.stack} since ${data.changed_at}`,
      Tables: data.tables_suffix === '' ? 'the first' : `restored: ${data.tables_suffix}`,
      Alarms: data.alarms.length === 0 ? 'none sounds' : data.alarms.join(', '),
      'Dead letters': data.dead_letters,
      'Last sweep': data.last_sweep_at ?? 'none yet',
      'Last reconciliation': data.last_reconcile_at ?? 'none yet',
    }),
    tableOf(
      ['Last 24 hours', ''],
      [
        ['active accounts', hours.active_accounts],
        ['accounts opened', hours.accounts_opened],
        ['checkouts opened', hours.checkouts_opened],
        ['credits sold', hours.credits_sold],
        ...Object.entries(business.creditsUsed).map(
          ([service, credits]) => [`credits used: ${service}`, credits] as const,
        ),
      ],
    ),
    `Sold for ${dollars(business.priceCentsSold)}.`,
    problems.length === 0 ? 'All is well.' : `What is wrong:\n${problems.map(lineOf).join('\n')}`,
  )
}

const lineOf = ({ what, runbook }: StageProblem): string => `  ${what} See ${runbook}`
