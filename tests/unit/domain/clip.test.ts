import { beforeEach, describe, expect, test, vi } from 'vitest'
import { type ClipResponse, clipResponseSchema } from '../../../src/contracts/transcription.ts'
import { transcriptOf, vendorFails, vendorTimesOut } from '../support/fake-vendors.ts'
import { createBackend, holdMs, type TestBackend, waitMs } from '../support/test-backend.ts'

const processing = { status: 'processing' } as const
const completed = { status: 'completed', transcript: transcriptOf(7.1) } as const
const failed = { status: 'failed' } as const

let backend: TestBackend
let userId: string
let operationId: string

beforeEach(() => {
  backend = createBackend()
  userId = backend.openAccount({ creditsBalance: 100 })
  operationId = backend.clock.id()
})

const transcribe = async (requestHash = 'hash-one'): Promise<ClipResponse> => {
  const clip = await backend.clips.transcribe({
    userId,
    operationId,
    requestHash,
    bytes: new Uint8Array([1, 2, 3]),
  })
  expect(clipResponseSchema.parse(clip)).toEqual(clip)
  return clip
}

const read = async (): Promise<ClipResponse> => {
  const clip = await backend.clips.read(userId, operationId)
  expect(clipResponseSchema.parse(clip)).toEqual(clip)
  return clip
}

const callbackFor = (ofOperation: string) => ({
  userId,
  operationId: ofOperation,
  holdExpiresAtMs: backend.account(userId).holds[ofOperation]?.expiresAtMs ?? backend.clock.now() + holdMs,
  requestHash: 'hash',
  audioMs: 7_100,
})

const callBack = (transcriptId = 'transcript-1') =>
  backend.clips.finishFromCallback(callbackFor(operationId), transcriptId)

const expectNothingCharged = (): void => {
  expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, totalUsage: 0, holds: {} })
  expect(backend.store.usage.size).toBe(0)
}

const chargedTwo = { creditsBalance: 98, totalUsage: 2, holds: {} }

/** Leaves the clip with the vendor: the caller was answered `processing`. */
const startSlowly = async (): Promise<void> => {
  backend.speech.states = [processing]
  expect(await transcribe()).toEqual({ operation_id: operationId, status: 'processing', credits_held: 2 })
}

describe('a clip', () => {
  test('of 7.1 s costs 2 credits and answers what was said', async () => {
    expect(await transcribe()).toEqual({
      operation_id: operationId,
      status: 'completed',
      text: 'He was here.',
      words: [{ text: 'He was here.', start_ms: 0, end_ms: 7_100, confidence: 0.9 }],
      audio_seconds: 7.1,
      credits_used: 2,
      credits_available: 98,
    })
    expect(backend.account(userId)).toMatchObject(chargedTwo)
    expect(backend.speech.submitted).toMatchObject([{ userId, operationId }])
  })

  test('of 3.0 s costs 1 credit', async () => {
    backend.clipInspector.inspection = { kind: 'audio', format: 'WAVE', durationMs: 3_000 }
    backend.speech.states = [{ status: 'completed', transcript: transcriptOf(3) }]
    expect(await transcribe()).toMatchObject({ credits_used: 1, credits_available: 99, audio_seconds: 3 })
  })

  test('is asked for until it is there, at most every one and a half seconds', async () => {
    backend.speech.states = [
      processing,
      processing,
      processing,
      processing,
      processing,
      processing,
      completed,
    ]
    const startedMs = backend.clock.nowMs
    expect(await transcribe()).toMatchObject({ status: 'completed' })
    expect(backend.clock.nowMs - startedMs).toBe(250 + 375 + 562.5 + 843.75 + 1_265.625 + 1_500)
  })

  test('is asked for again when the vendor fails to tell where it stands', async () => {
    backend.speech.states = [vendorFails(), vendorTimesOut(), completed]
    expect(await transcribe()).toMatchObject({ status: 'completed', credits_used: 2 })
  })

  test.each(['empty', 'not_audio', 'truncated', 'too_short'] as const)(
    'that is %s is refused with its own words, and costs nothing',
    async problem => {
      backend.clipInspector.inspection = { kind: 'unreadable', problem }
      await expect(transcribe()).rejects.toMatchObject({
        code: 'unsupported_media',
        message: expect.stringMatching(/^(The clip|This is).* Nothing was charged\.$/),
      })
      expect(backend.speech.submitted).toEqual([])
      expectNothingCharged()
    },
  )

  test('that costs more than there is never reaches the vendor', async () => {
    backend.clipInspector.inspection = { kind: 'audio', format: 'WAVE', durationMs: 600_001 }
    await expect(transcribe()).rejects.toMatchObject({
      code: 'insufficient_credits',
      details: { required: 101, available: 100 },
    })
    expect(backend.speech.submitted).toEqual([])
  })
})

describe('a clip whose header lies about its length', () => {
  test.each([
    ['a little more', 7.1 * 1.1 + 2, true],
    ['more than decoders differ by', 7.1 * 1.1 + 2.1, false],
    ['an hour', 3_600, false],
  ])('and that holds %s', async (_what, audioSeconds, isTaken) => {
    backend.speech.states = [{ status: 'completed', transcript: transcriptOf(audioSeconds) }]
    if (isTaken) {
      expect(await transcribe()).toMatchObject({ status: 'completed', credits_used: 2 })
      return
    }
    await expect(transcribe()).rejects.toMatchObject({
      code: 'unsupported_media',
      message: expect.stringContaining('Nothing was charged'),
    })
    expectNothingCharged()
  })

  test('is told by its last word too, whatever length the vendor states', async () => {
    const words = [{ text: 'here', start_ms: 60_000, end_ms: 61_000, confidence: 1 }]
    backend.speech.states = [{ status: 'completed', transcript: { ...transcriptOf(7), words } }]
    await expect(transcribe()).rejects.toMatchObject({ code: 'unsupported_media' })
    expectNothingCharged()
  })

  test('is counted as work that came to nothing', async () => {
    backend.speech.states = [{ status: 'completed', transcript: transcriptOf(3_600) }]
    await expect(transcribe()).rejects.toMatchObject({ code: 'unsupported_media' })
    expect([...backend.counters.counts.values()]).toEqual([1])
  })

  test('is not delivered by the call-back either, and not on the next reading', async () => {
    await startSlowly()
    backend.speech.states = [{ status: 'completed', transcript: transcriptOf(3_600) }]
    await callBack()
    expectNothingCharged()
    expect(await read()).toMatchObject({ status: 'failed', error: { code: 'unsupported_media' } })
  })
})

describe('a clip in which nobody speaks', () => {
  test('is refused, and costs nothing', async () => {
    backend.speech.states = [processing, { status: 'no_speech' }]
    await expect(transcribe()).rejects.toMatchObject({
      code: 'unsupported_media',
      message: 'No speech was found in the clip. Nothing was charged.',
    })
    expectNothingCharged()
  })

  test('says so also when the call-back tells of it', async () => {
    await startSlowly()
    backend.speech.states = [{ status: 'no_speech' }]
    await callBack()
    expectNothingCharged()
    expect(await read()).toMatchObject({ status: 'failed', error: { code: 'unsupported_media' } })
  })
})

describe('when the vendor', () => {
  test.each([
    ['refuses the upload', vendorFails, 'upstream_failed'],
    ['does not take the upload in time', vendorTimesOut, 'upstream_timeout'],
  ])('%s, the credits go back', async (_what, failure, code) => {
    backend.speech.submission = failure()
    await expect(transcribe()).rejects.toMatchObject({
      code,
      message: expect.stringContaining('Nothing was charged'),
    })
    expectNothingCharged()
  })

  test('says that the job failed, the credits go back', async () => {
    backend.speech.states = [processing, failed]
    await expect(transcribe()).rejects.toMatchObject({ code: 'upstream_failed' })
    expectNothingCharged()
  })

  test('takes longer than the caller should wait, the clip is answered as under way with its job noted', async () => {
    const startedMs = backend.clock.nowMs
    await startSlowly()
    expect(backend.clock.nowMs - startedMs).toBeLessThanOrEqual(waitMs)
    expect(backend.reservationOf(userId, operationId).hold).toMatchObject({
      reference: 'transcript-1',
      audioMs: 7_100,
    })
    expect(await read()).toMatchObject({ status: 'processing', credits_held: 2 })
  })

  test('crashes us, the hold stays and expires', async () => {
    vi.spyOn(backend.speech, 'submit').mockRejectedValueOnce(new TypeError('crash'))
    await expect(transcribe()).rejects.toThrow('crash')
    expect(await read()).toMatchObject({ status: 'processing' })
    backend.clock.advance(holdMs)
    expect(await read()).toMatchObject({ status: 'failed', error: { code: 'upstream_timeout' } })
    expect((await backend.ledger.readAccount(userId)).creditsBalance).toBe(100)
  })
})

describe('a repeat', () => {
  test('of a finished clip reads the transcript again and charges nothing', async () => {
    const first = await transcribe()
    expect(await transcribe()).toEqual(first)
    expect(await read()).toEqual(first)
    expect(backend.speech.submitted).toHaveLength(1)
    expect(backend.account(userId)).toMatchObject(chargedTwo)
  })

  test.each([
    ['fails', vendorFails()],
    ['has it no more', failed],
  ])('of a finished clip when the vendor %s says that it is paid for and kept', async (_what, state) => {
    await transcribe()
    backend.speech.states = [state]
    await expect(transcribe()).rejects.toMatchObject({
      code: 'upstream_failed',
      message: expect.stringContaining('nothing more is charged'),
    })
    await expect(read()).rejects.toMatchObject({ code: 'upstream_failed' })
    expect(backend.account(userId)).toMatchObject(chargedTwo)
  })

  test('of a clip that is under way gets the same answer, and nothing is submitted again', async () => {
    await startSlowly()
    expect(await transcribe()).toEqual({ operation_id: operationId, status: 'processing', credits_held: 2 })
    expect(backend.speech.submitted).toHaveLength(1)
  })

  test('with another clip under the same key is refused', async () => {
    await transcribe()
    await expect(transcribe('hash-two')).rejects.toMatchObject({ code: 'idempotency_mismatch' })
    expect(backend.account(userId)).toMatchObject(chargedTwo)
  })

  test('after a failure runs again and is charged once', async () => {
    backend.speech.submission = vendorFails()
    await expect(transcribe()).rejects.toMatchObject({ code: 'upstream_failed' })
    backend.speech.submission = undefined
    expect(await transcribe()).toMatchObject({ status: 'completed', credits_available: 98 })
  })
})

describe('the call-back', () => {
  beforeEach(startSlowly)

  test('finishes the clip, which is then there to be read', async () => {
    backend.speech.states = [completed]
    await callBack()
    expect(backend.account(userId)).toMatchObject(chargedTwo)
    expect(await read()).toMatchObject({ status: 'completed', text: 'He was here.', credits_used: 2 })
  })

  test('twice charges once', async () => {
    backend.speech.states = [completed]
    await callBack()
    await callBack()
    expect(backend.account(userId)).toMatchObject(chargedTwo)
    expect(backend.log.codes()).toEqual(['clip_callback_for_ended_operation'])
  })

  test('of an attempt that is over changes nothing of the next one', async () => {
    const stale = callbackFor(operationId)
    backend.clock.advance(holdMs)
    await startSlowly()
    backend.speech.states = [completed]
    await backend.clips.finishFromCallback(stale, 'transcript-1')
    expect(backend.reservationOf(userId, operationId).hold.split.fromBalance).toBe(2)
    await callBack('transcript-2')
    expect(backend.account(userId)).toMatchObject(chargedTwo)
  })

  test('that failed is counted as work that came to nothing', async () => {
    backend.speech.states = [failed]
    await callBack()
    expect([...backend.counters.counts.values()]).toEqual([1])
  })

  test('twice at once charges once', async () => {
    backend.speech.states = [completed]
    await Promise.all([callBack(), callBack()])
    expect(backend.account(userId)).toMatchObject(chargedTwo)
  })

  test('of a failed job gives the credits back and tells why', async () => {
    backend.speech.states = [failed]
    await callBack()
    expectNothingCharged()
    expect(await read()).toEqual({
      operation_id: operationId,
      status: 'failed',
      error: {
        code: 'upstream_failed',
        detail: 'The clip could not be transcribed. Nothing was charged. Try again.',
      },
    })
  })

  test('that comes while the vendor still works on it changes nothing', async () => {
    await callBack()
    expect(backend.reservationOf(userId, operationId).hold.split.fromBalance).toBe(2)
  })

  test('fails when the vendor cannot be asked, so that it is sent again', async () => {
    backend.speech.states = [vendorFails()]
    await expect(callBack()).rejects.toMatchObject({ name: 'UpstreamError' })
    expect(await read()).toMatchObject({ status: 'processing' })
  })

  test('after the hold has expired delivers the clip free', async () => {
    backend.clock.advance(holdMs)
    backend.speech.states = [completed]
    await callBack()
    expect(backend.account(userId)).toMatchObject({ creditsBalance: 100, totalUsage: 0, holds: {} })
    expect(await read()).toMatchObject({ status: 'completed', credits_used: 0, credits_available: 100 })
  })

  test('for an operation of nobody is logged with its ids alone', async () => {
    const nobodys = backend.clock.id()
    await backend.clips.finishFromCallback(callbackFor(nobodys), 'transcript-9')
    expect(backend.log.lines).toEqual([
      {
        level: 'info',
        code: 'clip_callback_for_ended_operation',
        fields: { user_id: userId, operation_id: nobodys },
        cause: undefined,
      },
    ])
  })

  test('while the caller still waits charges once, and the caller gets the transcript', async () => {
    operationId = backend.clock.id()
    let reads = 0
    vi.spyOn(backend.speech, 'read').mockImplementation(async () => {
      reads += 1
      if (reads === 1) {
        await callBack('transcript-2')
        return processing
      }
      return completed
    })
    expect(await transcribe()).toMatchObject({ status: 'completed', credits_used: 2, credits_available: 96 })
    expect(backend.account(userId).totalUsage).toBe(2)
  })
})

test('a caller whose clip was finished with the transcript of another attempt is answered with that one', async () => {
  vi.spyOn(backend.speech, 'read').mockImplementation(async transcriptId => {
    const { hold } = backend.reservationOf(userId, operationId)
    await backend.ledger.settle(
      { userId, operationId, hold },
      { cost: 2, metadata: { audio_ms: 7_100, transcript_id: 'transcript-of-another' } },
    )
    vi.mocked(backend.speech.read).mockImplementation(async id => ({
      status: 'completed',
      transcript: transcriptOf(7.1, `From ${id}.`),
    }))
    return { status: 'completed', transcript: transcriptOf(7.1, `From ${transcriptId}.`) }
  })
  expect(await transcribe()).toMatchObject({ text: 'From transcript-of-another.', credits_used: 2 })
  expect(backend.account(userId)).toMatchObject(chargedTwo)
})

describe('reading a clip', () => {
  test('finishes it where the call-back has not come', async () => {
    await startSlowly()
    backend.speech.states = [completed]
    expect(await read()).toMatchObject({ status: 'completed', credits_used: 2, credits_available: 98 })
    expect(backend.account(userId)).toMatchObject(chargedTwo)
  })

  test('answers that it is under way when the vendor fails to tell', async () => {
    await startSlowly()
    backend.speech.states = [vendorFails()]
    expect(await read()).toMatchObject({ status: 'processing', credits_held: 2 })
  })

  test('that nobody sent is answered as not found', async () => {
    await expect(read()).rejects.toMatchObject({ code: 'not_found' })
  })

  test("of somebody else is answered as not found, and the vendor isn't asked", async () => {
    await transcribe()
    backend.speech.reads.length = 0
    await expect(backend.clips.read(backend.openAccount(), operationId)).rejects.toMatchObject({
      code: 'not_found',
    })
    expect(backend.speech.reads).toEqual([])
  })
})
