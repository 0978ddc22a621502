import { beforeAll, describe, expect, it } from 'vitest'
import { stateSentence } from '../../../../../extension/panel/sessions/state-text.ts'
import { endReasons } from '../../../../../extension/transcript/model.ts'
import { useLocale } from '../../ui/locale-messages.ts'

beforeAll(() => useLocale())

describe('where captions stand', () => {
  it.each(endReasons)('has a sentence for the end that is called %s', reason => {
    expect(stateSentence({ name: 'ended', reason })).toMatch(/\.$/)
  })

  it('says what went wrong where that says more than the reason', () => {
    const problem = { code: 'insufficient_credits', detail: '', requiredCredits: 10, availableCredits: 3 }
    expect(stateSentence({ name: 'ended', reason: 'failed', problem })).toContain('10 credits')
    expect(stateSentence({ name: 'ended', reason: 'tab_closed', problem })).not.toContain('10 credits')
  })

  it('says what they cost, once that is known', () => {
    expect(stateSentence({ name: 'ended', reason: 'stopped', creditsUsed: 1 })).toContain('1 credit was used')
    expect(stateSentence({ name: 'ended', reason: 'stopped', creditsUsed: 34 })).toContain(
      '34 credits were used',
    )
  })

  it('says how much is kept while the line is broken', () => {
    const reconnecting = { name: 'reconnecting', sinceMs: 0 } as const
    expect(stateSentence({ ...reconnecting, bufferedSeconds: 8 })).toContain('8 sec')
    expect(stateSentence({ ...reconnecting, bufferedSeconds: 0 })).not.toContain('0 sec')
  })
})
