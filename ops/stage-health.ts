import type { HealthResponse } from '../src/contracts/health.ts'

/** What is known of a stage at a moment. Times are milliseconds since the epoch. */
export interface StageFacts {
  readonly nowMs: number
  /** Undefined where the API did not answer as it should; `healthProblem` says how. */
  readonly health: HealthResponse | undefined
  readonly healthProblem: string | undefined
  readonly stack: {
    readonly status: string
    readonly changedAtMs: number | undefined
    readonly version: string | undefined
  }
  /** Alarms that sound, without the stage's prefix. Undefined, here and below, where it could not be read. */
  readonly alarms: readonly string[] | undefined
  readonly deadLetters: number | undefined
  readonly marks: StageMarks | undefined
  /** What could not be read, and why. */
  readonly unread: readonly string[]
}

/** When what runs by the clock has last come to its end; undefined where it never has. */
export interface StageMarks {
  readonly sweptAtMs: number | undefined
  readonly reconciledAtMs: number | undefined
}

/** Something that is wrong, and the page that says what to do. */
export interface StageProblem {
  readonly what: string
  readonly runbook: string
}

const minuteMs = 60_000
/** The sweep runs every 5 minutes, the reconciliation every night. */
const sweepOverdueMs = 15 * minuteMs
const reconcileOverdueMs = 25 * 60 * minuteMs

const runbook = (name: string): string => `docs/runbooks/${name}.md`

/** Everything that is wrong with a stage, the most pressing first. */
export const problemsOf = (facts: StageFacts): readonly StageProblem[] => [
  ...apiProblems(facts),
  ...stackProblems(facts),
  ...(facts.alarms ?? []).map(name => ({ what: `The alarm ${name} sounds.`, runbook: runbook(name) })),
  ...deadLetterProblems(facts),
  ...silentProblems(facts),
  ...facts.unread.map(what => ({ what, runbook: 'docs/operating.md' })),
]

const apiProblems = ({ health, healthProblem, stack }: StageFacts): StageProblem[] => {
  if (!health) return [{ what: healthProblem ?? 'The API does not answer.', runbook: runbook('api-5xx') }]
  const { status, dynamodb, environment, problems = [], version } = health
  if (status === 'healthy') {
    const differs = stack.version !== undefined && stack.version !== version
    const what = `The API runs ${version}, but ${stack.version} was deployed.`
    return differs ? [{ what, runbook: runbook('rollback') }] : []
  }
  const what = [
    `The API is ${status}: the tables are ${dynamodb}, the environment is ${environment}.`,
    ...problems,
  ]
  return [{ what: what.join(' '), runbook: runbook('api-5xx') }]
}

/** One that is being changed is no problem, one that could not be changed is. */
const stackProblems = ({ stack: { status } }: StageFacts): StageProblem[] => {
  if (!/FAILED|ROLLBACK/.test(status)) return []
  return [{ what: `The last deployment went wrong: the stack is ${status}.`, runbook: runbook('rollback') }]
}

const deadLetterProblems = ({ deadLetters = 0 }: StageFacts): StageProblem[] => {
  if (deadLetters === 0) return []
  const what =
    deadLetters === 1 ? 'An invocation failed for good.' : `${deadLetters} invocations failed for good.`
  return [{ what, runbook: runbook('dead-letters') }]
}

const silentProblems = ({ marks, ...facts }: StageFacts): StageProblem[] => {
  if (!marks) return []
  const problems: StageProblem[] = []
  if (isOverdue(facts, marks.sweptAtMs, sweepOverdueMs)) {
    problems.push({
      what: 'No sweep has come to its end for 15 minutes.',
      runbook: runbook('sweep-silent'),
    })
  }
  if (isOverdue(facts, marks.reconciledAtMs, reconcileOverdueMs)) {
    problems.push({ what: 'No reconciliation has ended for 25 hours.', runbook: runbook('reconcile-silent') })
  }
  return problems
}

/** A stage that was only just deployed has its first run before it. */
const isOverdue = (
  { nowMs, stack }: Pick<StageFacts, 'nowMs' | 'stack'>,
  lastMs: number | undefined,
  overdueMs: number,
): boolean => nowMs - Math.max(lastMs ?? 0, stack.changedAtMs ?? 0) > overdueMs
