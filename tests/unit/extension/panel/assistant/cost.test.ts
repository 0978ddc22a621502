import { describe, expect, it } from 'vitest'
import { costOf, shortfall } from '../../../../../extension/panel/assistant/cost.ts'
import { priceList } from '../../../../../src/domain/price-list.ts'

const { rates } = priceList
const stretch = { fromMs: 0, toMs: 60_000 }

describe('the cost of', () => {
  it('a question and a catch-up from the transcript is one price', () => {
    expect(costOf({ kind: 'ask', question: 'Who?', ...stretch }, rates)).toEqual({
      credits: 5,
      atMost: false,
    })
    expect(costOf({ kind: 'catchup_transcript', ...stretch }, rates)).toEqual({ credits: 20, atMost: false })
  })

  it('a catch-up from a channel is by its minutes, and may come to less', () => {
    const body = { kind: 'catchup_channel', channel: 'speaks', minutes: 30 } as const
    expect(costOf(body, rates)).toEqual({ credits: 300, atMost: true })
  })

  it('minutes that are charged several at a time is by those begun', () => {
    const body = { kind: 'catchup_channel', channel: 'speaks', minutes: 31 } as const
    const byTens = { ...rates, catchup_channel: { credits: 90, per_minutes_begun: 10 } }
    expect(costOf(body, byTens).credits).toBe(360)
  })
})

describe('what is short', () => {
  const cost = { credits: 20, atMost: false }

  it('is nothing where there is enough, or where nobody knows', () => {
    expect(shortfall(cost, 20)).toBeUndefined()
    expect(shortfall(cost, undefined)).toBeUndefined()
  })

  it('names what is needed and what is there; a debt is nothing', () => {
    expect(shortfall(cost, 19)).toEqual({ requiredCredits: 20, availableCredits: 19 })
    expect(shortfall(cost, -40)).toEqual({ requiredCredits: 20, availableCredits: 0 })
  })
})
