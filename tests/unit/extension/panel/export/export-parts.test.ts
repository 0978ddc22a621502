import { expect, it } from 'vitest'
import { partsOf } from '../../../../../extension/panel/export/export-parts.ts'
import { catchup, channelCatchup, question } from '../assistant/requests.ts'

const summarised = (headline: string) => ({
  operation_id: 'x',
  status: 'completed',
  stage: 'completed',
  summary: { headline, points: [] },
})
const answer = { operation_id: 'x', answer: 'A man.', cited: [0], credits_used: 5, credits_available: 1 }

it('takes the newest summary of the transcript: those of a recording have other times', () => {
  const requests = [
    catchup('one', { answer: summarised('earlier') }),
    catchup('two', { answer: summarised('later') }),
    catchup('three'),
    { ...channelCatchup('four'), answer: summarised('of a channel') },
  ]
  expect(partsOf(requests).summary?.headline).toBe('later')
})

it('takes all questions that were answered', () => {
  const failure = { code: 'upstream_failed', detail: '' }
  const parts = partsOf([question('one', { answer }), question('two', { failure }), question('three')])
  expect(parts.answers).toMatchObject([{ question: 'Who was he?', answer: { answer: 'A man.', cited: [0] } }])
  expect(parts).not.toHaveProperty('summary')
})
