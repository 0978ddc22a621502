import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAgenda } from '../../../../local/stand-ins/agenda.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function countingChore(dueMs: number) {
  const chore = {
    runs: 0,
    dueMs,
    nextDueMs: () => chore.dueMs,
    run() {
      chore.runs += 1
      chore.dueMs = Infinity
    },
  }
  return chore
}

it('runs each chore when it is due, and not before', async () => {
  const [soon, later] = [countingChore(Date.now() + 50), countingChore(Date.now() + 5_000)]
  const agenda = createAgenda(Date.now, [soon, later], fail)
  await agenda.wake()
  expect([soon.runs, later.runs]).toEqual([0, 0])
  await vi.advanceTimersByTimeAsync(50)
  expect([soon.runs, later.runs]).toEqual([1, 0])
  await vi.advanceTimersByTimeAsync(5_000)
  expect([soon.runs, later.runs]).toEqual([1, 1])
  expect(vi.getTimerCount()).toBe(0)
})

it('notices that the clock has jumped', async () => {
  let nowMs = 0
  const chore = countingChore(60_000)
  const agenda = createAgenda(() => nowMs, [chore], fail)
  await agenda.wake()
  nowMs = 60_000
  await vi.advanceTimersByTimeAsync(1_000)
  expect(chore.runs).toBe(1)
})

it('reports a chore that fails, and tries it again a second later', async () => {
  const errors: unknown[] = []
  const broken = {
    nextDueMs: () => 10,
    run() {
      throw new Error('disk full')
    },
  }
  let nowMs = 0
  const agenda = createAgenda(
    () => nowMs,
    [broken],
    error => errors.push(error),
  )
  await agenda.wake()
  nowMs = 10
  await vi.advanceTimersByTimeAsync(10)
  expect(errors).toEqual([new Error('disk full')])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(errors).toHaveLength(2)
  agenda.close()
})

it('does nothing more once it is closed', async () => {
  const chore = countingChore(Date.now() + 50)
  const agenda = createAgenda(Date.now, [chore], fail)
  await agenda.wake()
  agenda.close()
  await vi.advanceTimersByTimeAsync(100)
  await agenda.wake()
  expect(chore.runs).toBe(0)
})

function fail(error: unknown): never {
  throw error
}
