import { expect, it } from 'vitest'
import { catchupKinds, historyOf, questionKinds } from '../../../../../extension/panel/assistant/history.ts'
import { afterProblem, minted } from '../../../../../extension/panel/assistant/request-state.ts'
import { catchup, channelCatchup, question } from './requests.ts'

const failed = (request: Parameters<typeof minted>[0]) =>
  afterProblem(minted(request), { code: 'upstream_failed', detail: 'No.' }, 0)
const idsOf = (states: ReturnType<typeof historyOf>) => states.map(({ request }) => request.operationId)

const requests = [
  minted(catchup('one', { sessionId: 'a' })),
  minted(question('two', { sessionId: 'a' })),
  minted(channelCatchup('three')),
  minted(catchup('four', { sessionId: 'b' })),
]

it('lists the questions of a session', () => {
  expect(idsOf(historyOf(requests, questionKinds, 'a'))).toEqual(['two'])
  expect(idsOf(historyOf(requests, questionKinds, 'b'))).toEqual([])
})

it('lists the catch-ups of a session and of channels, newest first', () => {
  expect(idsOf(historyOf(requests, catchupKinds, 'a'))).toEqual(['three', 'one'])
  expect(idsOf(historyOf(requests, catchupKinds, undefined))).toEqual(['three'])
})

it('tells of a failure as long as nothing was tried after it', () => {
  const tried = [failed(question('one')), failed(question('two'))]
  expect(idsOf(historyOf(tried, questionKinds, 'a'))).toEqual(['two'])
  expect(idsOf(historyOf([...tried, minted(question('three'))], questionKinds, 'a'))).toEqual(['three'])
})
