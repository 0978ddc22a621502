import { describe, expect, it } from 'vitest'
import {
  afterAcceptance,
  afterAnswer,
  afterPoll,
  afterProblem,
  isSettled,
  minted,
  type RequestState,
  resumed,
  triedAgain,
} from '../../../../../extension/panel/assistant/request-state.ts'
import { account, catchup, question } from './requests.ts'

const askedAtMs = 1_000_000
const minutesLater = (minutes: number): number => askedAtMs + minutes * 60_000
const accepted = { operation_id: 'c', status: 'processing', credits_held: 20 } as const
const finding = { operation_id: 'c', status: 'processing', stage: 'finding' } as const
const answer = {
  operation_id: 'q',
  answer: 'A young man.',
  cited: [0],
  credits_used: 5,
  credits_available: 195,
}
const offline = { code: 'offline', detail: '' }
const refused = (state: RequestState, code: string, more: object = {}) =>
  afterProblem(state, { code, detail: 'As it is.', ...more }, minutesLater(1))

describe('a question', () => {
  it('is sent at once and answered', () => {
    const sent = minted(question('q'))
    expect(sent).toMatchObject({ standing: { name: 'sending' }, next: { action: 'post', afterMs: 0 } })
    const done = afterAnswer(sent, answer)
    expect(done).toMatchObject({ standing: { name: 'answered' }, request: { answer } })
    expect(isSettled(done)).toBe(true)
    expect(done.next).toBeUndefined()
  })

  it('is sent again, later and later, while the backend cannot be reached', () => {
    let state = minted(question('q'))
    const waits: number[] = []
    for (let tries = 0; tries < 8; tries++) {
      state = afterProblem(state, offline, minutesLater(0))
      expect(state.standing).toEqual({ name: 'waiting', problem: offline })
      waits.push(state.next?.afterMs ?? Number.NaN)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000])
  })

  it('waits for the listener after a dozen tries in vain, and begins anew when told to', () => {
    let state = minted(question('q'))
    for (let tries = 0; tries < 13; tries++) state = afterProblem(state, offline, minutesLater(0))
    expect(state).toMatchObject({ standing: { name: 'unsettled', problem: offline } })
    expect(state.next).toBeUndefined()
    expect(triedAgain(state)).toMatchObject({ failedTries: 0, next: { action: 'post' } })
  })

  it('is asked for again when it is being answered already, for as long as that takes', () => {
    let state = minted(question('q'))
    for (let tries = 0; tries < 50; tries++) {
      state = refused(state, 'operation_in_progress', { retryAfterSeconds: 2 })
    }
    expect(state).toMatchObject({ standing: { name: 'sending' }, next: { action: 'post', afterMs: 2_000 } })
  })

  it.each([
    'insufficient_credits',
    'upstream_failed',
    'idempotency_mismatch',
    'too_many_requests',
    'signed_out',
  ])('fails for good where the backend says so at once: %s', code => {
    const state = refused(minted(question('q')), code, { requiredCredits: 5, availableCredits: 3 })
    expect(state).toMatchObject({
      standing: { name: 'failed' },
      request: { failure: { code, detail: 'As it is.', requiredCredits: 5, availableCredits: 3 } },
    })
    expect(isSettled(state)).toBe(true)
  })

  it('is not given up where only the asking is refused and the question may have arrived', () => {
    const lost = afterProblem(minted(question('q')), offline, minutesLater(0))
    expect(refused(lost, 'too_many_requests', { retryAfterSeconds: 40 })).toMatchObject({
      standing: { name: 'waiting' },
      next: { action: 'post', afterMs: 40_000 },
    })
    const signedOut = refused(lost, 'signed_out')
    expect(signedOut.standing.name).toBe('asker_signed_out')
    expect(signedOut.next).toBeUndefined()
  })

  it('is sent again under the same key when the panel opens soon after', () => {
    expect(resumed(question('q'), account, minutesLater(2))).toMatchObject({
      request: { operationId: 'q' },
      next: { action: 'post', afterMs: 0 },
    })
  })

  it('is not sent by itself long after it was asked: it may never have been paid for', () => {
    const state = resumed(question('q'), account, minutesLater(16))
    expect(state.standing.name).toBe('unsettled')
    expect(state.next).toBeUndefined()
  })
})

describe('a catch-up', () => {
  const working = afterAcceptance(minted(catchup('c')), accepted)

  it('is polled once it is accepted, until it is done', () => {
    expect(working).toMatchObject({ standing: { name: 'working' }, next: { action: 'poll', afterMs: 2_000 } })
    const found = afterPoll(working, finding)
    expect(found).toMatchObject({
      standing: { name: 'working', progress: finding },
      next: { action: 'poll' },
    })
    const completed = { ...finding, status: 'completed', stage: 'completed' } as const
    expect(afterPoll(found, completed)).toMatchObject({
      standing: { name: 'answered' },
      request: { answer: completed },
    })
  })

  it('is asked for at once where its answer is there already', () => {
    const state = afterAcceptance(minted(catchup('c')), { ...accepted, status: 'completed' })
    expect(state.next).toEqual({ action: 'poll', afterMs: 0 })
  })

  it('fails with the reason that the backend gives', () => {
    const error = { code: 'channel_offline', detail: 'Off air.' } as const
    const state = afterPoll(working, { ...finding, status: 'failed', stage: 'failed', error })
    expect(state).toMatchObject({ standing: { name: 'failed', problem: error }, request: { failure: error } })
  })

  it('goes on being polled, not sent, when the line breaks', () => {
    const broken = afterProblem(working, offline, minutesLater(1))
    expect(broken).toMatchObject({ standing: { name: 'waiting' }, next: { action: 'poll' } })
    expect(afterPoll(broken, finding).failedTries).toBe(0)
  })

  it('is polled first when the panel opens, however old it is: that costs nothing', () => {
    expect(resumed(catchup('c'), account, minutesLater(5_000)).next).toEqual({ action: 'poll', afterMs: 0 })
  })

  it('is sent again where the backend does not know it, if that was just now', () => {
    const state = afterProblem(
      resumed(catchup('c'), account, minutesLater(1)),
      { code: 'not_found', detail: '' },
      minutesLater(1),
    )
    expect(state.next).toEqual({ action: 'post', afterMs: 0 })
  })

  it('waits for the listener where the backend does not know it and it is old', () => {
    const state = afterProblem(
      resumed(catchup('c'), account, minutesLater(60)),
      { code: 'not_found', detail: '' },
      minutesLater(60),
    )
    expect(state.standing.name).toBe('unsettled')
    expect(state.next).toBeUndefined()
  })

  it('has failed where it was accepted and the backend knows nothing of it any more', () => {
    expect(refused(working, 'not_found').standing.name).toBe('failed')
  })
})

describe('a request of an account that is not signed in', () => {
  it.each([question('q'), catchup('c')])('waits for it: %o', request => {
    for (const signedIn of ['other@example.com https://api.example', undefined]) {
      const state = resumed(request, signedIn, minutesLater(1))
      expect(state.standing).toEqual({ name: 'asker_signed_out' })
      expect(state.next).toBeUndefined()
    }
  })
})

describe('a request that is settled', () => {
  it('stays so when the panel opens again', () => {
    const answered = resumed(question('q', { answer }), account, minutesLater(1))
    expect(answered).toMatchObject({ standing: { name: 'answered' } })
    expect(answered.next).toBeUndefined()
    const failure = { code: 'no_speech', detail: 'Nobody.' }
    const failed = resumed(catchup('c', { failure }), account, minutesLater(1))
    expect(failed.standing).toEqual({ name: 'failed', problem: failure })
    expect(failed.next).toBeUndefined()
  })
})
