import 'fake-indexeddb/auto'
import { v7 as uuid } from 'uuid'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createTranscript } from '../../../../../extension/panel/transcript/transcript.ts'
import { openTranscriptStore } from '../../../../../extension/transcript/indexed-db.ts'
import type { TranscriptStore } from '../../../../../extension/transcript/store.ts'
import { segment } from './segment.ts'

let store: TranscriptStore
let sessionId: string

const say = (index: number) => {
  const { index: _, ...rest } = segment(index, { sessionId })
  return store.appendSegment(rest)
}

beforeEach(async () => {
  store = await openTranscriptStore()
  sessionId = uuid()
  await store.createSession({ sessionId, page: { title: 'Talk', url: 'https://a.example' }, startedAtMs: 0 })
})

const indexesOf = (transcript: ReturnType<typeof createTranscript>) =>
  transcript.segments.value.map(({ index }) => index)

describe('a transcript', () => {
  it('is what is stored, and then what is told of', async () => {
    await say(0)
    const transcript = createTranscript(sessionId, store)
    await transcript.refresh()
    expect(transcript.loaded.value).toBe(true)
    transcript.take(await say(1))
    expect(indexesOf(transcript)).toEqual([0, 1])
  })

  it('takes what is told of while the store is being read', async () => {
    await say(0)
    const transcript = createTranscript(sessionId, store)
    const reading = transcript.refresh()
    transcript.take(segment(1, { sessionId }))
    await reading
    expect(indexesOf(transcript)).toEqual([0, 1])
  })

  it('reads from the store what it was not told of', async () => {
    await say(0)
    const transcript = createTranscript(sessionId, store)
    await transcript.refresh()
    await say(1)
    await say(2)
    transcript.take(await say(3))
    await vi.waitFor(() => expect(indexesOf(transcript)).toEqual([0, 1, 2, 3]))
  })

  it('says what is wrong where the store cannot be read, and is whole once it can', async () => {
    await say(0)
    let broken = true
    const transcript = createTranscript(sessionId, {
      segments: (...range) => (broken ? Promise.reject(new Error('disk')) : store.segments(...range)),
    })
    await transcript.refresh()
    expect(transcript.problem.value).toBeDefined()
    expect(transcript.loaded.value).toBe(false)
    broken = false
    await transcript.refresh()
    expect(transcript.problem.value).toBeUndefined()
    expect(indexesOf(transcript)).toEqual([0])
  })
})
