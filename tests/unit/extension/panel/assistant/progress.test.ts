import { expect, it } from 'vitest'
import { channelProgress } from '../../../../../extension/panel/assistant/progress.ts'

const at = (stage: Parameters<typeof channelProgress>[0] & object, done?: number) =>
  channelProgress({
    ...stage,
    ...(done === undefined ? {} : { progress: { minutes_done: done, minutes_total: 30 } }),
  })

it('begins with finding, before anything is known', () => {
  expect(channelProgress(undefined)).toMatchObject({ stage: 'finding', step: 1 })
})

it('never goes back from step to step and minute to minute', () => {
  const fractions = [
    channelProgress(undefined),
    at({ stage: 'finding' }),
    at({ stage: 'fetching' }),
    at({ stage: 'fetching' }, 0),
    at({ stage: 'fetching' }, 12),
    at({ stage: 'fetching' }, 30),
    at({ stage: 'transcribing' }),
    at({ stage: 'summarising' }),
  ].map(({ fraction }) => fraction)
  expect(fractions).toEqual(fractions.toSorted((one, other) => one - other))
  expect(fractions.at(-1)).toBeLessThan(1)
})

it('tells the minutes while they are fetched, and never more than there are', () => {
  expect(at({ stage: 'fetching' }, 12).minutes).toEqual({ done: 12, total: 30 })
  expect(at({ stage: 'fetching' }, 31)).toMatchObject({ minutes: { done: 30, total: 30 }, step: 2 })
  expect(at({ stage: 'transcribing' }).minutes).toBeUndefined()
})
