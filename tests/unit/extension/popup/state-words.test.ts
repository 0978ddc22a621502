import { beforeEach, describe, expect, it } from 'vitest'
import { endProblem, stateWords } from '../../../../extension/popup/state-words.ts'
import { useLocale } from '../ui/locale-messages.ts'

beforeEach(() => useLocale())

const unreachable = { code: 'unreachable', detail: '' }

describe('the words for where captions stand', () => {
  it('say how much is kept while the line is broken, once that is a second', () => {
    const broken = (bufferedSeconds: number) =>
      stateWords({ state: { name: 'reconnecting', sinceMs: 0, bufferedSeconds } })
    expect(broken(0.4)).toBe('The connection broke. Connecting again…')
    expect(broken(12.7)).toBe('The connection broke. Connecting again; 12 sec of sound is kept meanwhile.')
  })

  it('say why captions ended and what they cost', () => {
    const state = { name: 'ended', reason: 'credits_used_up', creditsUsed: 1 } as const
    expect(stateWords({ state })).toBe('Captions ended: your credits are used up. They used 1 credit.')
  })

  it('say why they ended while the cost is not known', () => {
    expect(stateWords({ state: { name: 'ended', reason: 'stopped' } })).toBe('Captions are stopped.')
  })

  it('leave a failure to the problem that tells of it, and say what was paid before', () => {
    const failed = { name: 'ended', reason: 'failed', problem: unreachable } as const
    expect(stateWords({ state: failed })).toBe('')
    expect(stateWords({ state: { ...failed, creditsUsed: 0 } })).toBe('')
    expect(stateWords({ state: { ...failed, creditsUsed: 2 } })).toBe(
      'Captions have ended. They used 2 credits.',
    )
  })
})

describe('the problem of an end', () => {
  it('is told', () => {
    expect(endProblem({ state: { name: 'ended', reason: 'failed', problem: unreachable } })).toBe(unreachable)
  })

  it('needs no telling where the credits are used up', () => {
    const problem = { code: 'insufficient_credits', detail: '' }
    expect(endProblem({ state: { name: 'ended', reason: 'credits_used_up', problem } })).toBeUndefined()
  })

  it('is none while captions run', () => {
    expect(endProblem({ state: { name: 'live' } })).toBeUndefined()
  })
})
