import { describe, expect, it } from 'vitest'
import { problemsOf, type StageFacts, type StageMarks } from '../../../ops/stage-health.ts'
import type { HealthResponse } from '../../../src/contracts/health.ts'

const nowMs = Date.parse('2026-11-29T12:00:00Z')
const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

const marksOf = (change: Partial<StageMarks>) => ({
  marks: {
    sweptAtMs: nowMs - 5 * minuteMs,
    reconciledAtMs: nowMs - 9 * 60 * minuteMs,
    ...change,
  },
})
const well: StageFacts = {
  nowMs,
  health: { status: 'healthy', dynamodb: 'connected', environment: 'configured', version: 'v1' },
  healthProblem: undefined,
  stack: { status: 'UPDATE_COMPLETE', changedAtMs: nowMs - 30 * dayMs, version: 'v1' },
  alarms: [],
  deadLetters: 0,
  ...marksOf({}),
  unread: [],
}

const never = { sweptAtMs: undefined, reconciledAtMs: undefined }

const runbooksOf = (change: Partial<StageFacts>) =>
  problemsOf({ ...well, ...change }).map(({ runbook }) => runbook.replace(/^docs\/runbooks\/|\.md$/g, ''))

describe('a stage', () => {
  it('is well where nothing is wrong', () => {
    expect(problemsOf(well)).toEqual([])
  })

  it('is not well where its API does not answer, or is not healthy', () => {
    expect(problemsOf({ ...well, health: undefined, healthProblem: 'It is silent.' })).toMatchObject([
      { what: 'It is silent.' },
    ])
    const health: HealthResponse = {
      status: 'unhealthy',
      dynamodb: 'connected',
      environment: 'incomplete',
      version: 'v1',
      problems: ['JWT_SECRET is missing'],
    }
    expect(problemsOf({ ...well, health })[0]?.what).toContain('JWT_SECRET is missing')
  })

  it('is not well where another version answers than was deployed', () => {
    expect(runbooksOf({ stack: { ...well.stack, version: 'v2' } })).toEqual(['rollback'])
  })

  it.each(['UPDATE_ROLLBACK_COMPLETE', 'ROLLBACK_COMPLETE', 'UPDATE_FAILED', 'UPDATE_ROLLBACK_IN_PROGRESS'])(
    'is not well after a deployment that ended with %s',
    status => {
      expect(runbooksOf({ stack: { ...well.stack, status } })).toEqual(['rollback'])
    },
  )

  it.each(['CREATE_COMPLETE', 'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'])(
    'is well during and after a deployment that is %s',
    status => {
      expect(runbooksOf({ stack: { ...well.stack, status } })).toEqual([])
    },
  )

  it('leads from each alarm to its runbook', () => {
    expect(runbooksOf({ alarms: ['ledger-mismatch', 'dead-letters'] })).toEqual([
      'ledger-mismatch',
      'dead-letters',
    ])
  })

  it('is not well while there are dead letters', () => {
    expect(problemsOf({ ...well, deadLetters: 2 })).toEqual([
      { what: '2 invocations failed for good.', runbook: 'docs/runbooks/dead-letters.md' },
    ])
  })

  it('is not well once the sweep or the reconciliation is overdue', () => {
    expect(runbooksOf(marksOf({ sweptAtMs: nowMs - 15 * minuteMs }))).toEqual([])
    expect(runbooksOf(marksOf({ sweptAtMs: nowMs - 15 * minuteMs - 1 }))).toEqual(['sweep-silent'])
    expect(runbooksOf(marksOf({ reconciledAtMs: nowMs - 25 * 60 * minuteMs - 1 }))).toEqual([
      'reconcile-silent',
    ])
    expect(runbooksOf({ marks: never })).toEqual(['sweep-silent', 'reconcile-silent'])
  })

  it('is given time for its first sweep and reconciliation once it is deployed', () => {
    const stack = { ...well.stack, changedAtMs: nowMs - minuteMs }
    expect(runbooksOf({ stack, marks: never })).toEqual([])
  })

  it('is not well where something could not be read, and is not judged by that', () => {
    const unread = ['The marks could not be read.']
    const facts = { ...well, alarms: undefined, deadLetters: undefined, marks: undefined, unread }
    expect(problemsOf(facts).map(({ what }) => what)).toEqual(unread)
  })
})
