import 'fake-indexeddb/auto'
import { v7 as uuid } from 'uuid'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { Problem } from '../../../../../extension/messages/problem.ts'
import { type AssistantPorts, createAssistant } from '../../../../../extension/panel/assistant/assistant.ts'
import { openTranscriptStore } from '../../../../../extension/transcript/indexed-db.ts'
import type { TranscriptStore } from '../../../../../extension/transcript/store.ts'

const segments = [{ start_ms: 0, end_ms: 3_000, text: 'He was not an ill-disposed young man.' }]
const body = { kind: 'ask', question: 'Who was he?', fromMs: 0, toMs: 3_000 } as const
const catchupBody = { kind: 'catchup_transcript', fromMs: 0, toMs: 3_000 } as const

let store: TranscriptStore
let sessionId: string

const answerTo = (operationId: string) => ({
  operation_id: operationId,
  answer: 'A young man.',
  cited: [0],
  credits_used: 5,
  credits_available: 195,
})
const unreachable = () => new Problem({ code: 'unreachable', detail: '' })

const listener = 'listener@example.com https://api.example'
const other = 'other@example.com https://api.example'

let signedIn: string | undefined

const portsWith = (api: Partial<ReturnType<AssistantPorts['apiOf']>>): AssistantPorts => ({
  store,
  account: async () => signedIn,
  apiOf: () => ({
    ask: async key => answerTo(key),
    catchup: async key => ({ operation_id: key, status: 'processing', credits_held: 20 }),
    catchupState: async id => ({ operation_id: id, status: 'completed', stage: 'completed' }),
    ...api,
  }),
  segmentsOf: async () => segments,
  newOperationId: uuid,
  nowMs: Date.now,
  wait: () => Promise.resolve(),
  onSpent: () => undefined,
})

const standingsOf = (assistant: ReturnType<typeof createAssistant>) =>
  assistant.requests.value.map(({ standing }) => standing.name)

beforeEach(async () => {
  store = await openTranscriptStore()
  sessionId = uuid()
  signedIn = listener
})

describe('a question', () => {
  it('is kept before it is sent, and its answer after', async () => {
    const keptBefore: number[] = []
    const assistant = createAssistant(
      portsWith({
        ask: async key => {
          keptBefore.push((await store.requests(sessionId)).length)
          return answerTo(key)
        },
      }),
    )
    const operationId = await assistant.send(body, sessionId)
    await vi.waitFor(async () => {
      expect(await store.requests(sessionId)).toMatchObject([{ operationId, answer: { cited: [0] } }])
    })
    expect(keptBefore).toEqual([1])
    expect(standingsOf(assistant)).toEqual(['answered'])
  })

  it('is not sent where it cannot be kept', async () => {
    const ask = vi.fn()
    const ports = portsWith({ ask })
    const assistant = createAssistant({
      ...ports,
      store: {
        ...ports.store,
        putRequest: () => Promise.reject(new Problem({ code: 'storage_full', detail: '' })),
      },
    })
    await expect(assistant.send(body, sessionId)).rejects.toThrow(Problem)
    expect(ask).not.toHaveBeenCalled()
  })

  it('that was left off is sent under its key by the panel that opens next', async () => {
    const keys: string[] = []
    const closed = createAssistant(portsWith({ ask: () => new Promise(() => undefined) }))
    const operationId = await closed.send(body, sessionId)
    const reopened = createAssistant(
      portsWith({
        ask: async key => {
          keys.push(key)
          return answerTo(key)
        },
      }),
    )
    await reopened.load(sessionId)
    await vi.waitFor(() => expect(standingsOf(reopened)).toEqual(['answered']))
    expect(keys).toEqual([operationId])
  })

  it('that nobody could take is tried again under its key when the listener says so', async () => {
    let reachable = false
    const keys = new Set<string>()
    const assistant = createAssistant(
      portsWith({
        ask: async key => {
          keys.add(key)
          if (!reachable) throw unreachable()
          return answerTo(key)
        },
      }),
    )
    const operationId = await assistant.send(body, sessionId)
    await vi.waitFor(() => expect(standingsOf(assistant)).toEqual(['unsettled']))
    reachable = true
    assistant.tryAgain(operationId)
    await vi.waitFor(() => expect(standingsOf(assistant)).toEqual(['answered']))
    expect([...keys]).toEqual([operationId])
  })
})

describe('what one account asked', () => {
  it('is not sent where another is signed in, and goes on when its own is back', async () => {
    const closed = createAssistant(portsWith({ ask: () => new Promise(() => undefined) }))
    await closed.send(body, sessionId)
    signedIn = other
    const askedFor: string[] = []
    const reopened = createAssistant({
      ...portsWith({}),
      apiOf: account => {
        askedFor.push(account)
        return portsWith({}).apiOf(account)
      },
    })
    await reopened.load(sessionId)
    expect(standingsOf(reopened)).toEqual(['asker_signed_out'])
    expect(askedFor).toEqual([])
    signedIn = listener
    await Promise.all([reopened.load(sessionId), reopened.load(sessionId)])
    await vi.waitFor(() => expect(standingsOf(reopened)).toEqual(['answered']))
    expect(askedFor).toEqual([listener])
  })

  it('is refused where nobody is signed in, and not kept', async () => {
    signedIn = undefined
    const assistant = createAssistant(portsWith({}))
    await expect(assistant.send(body, sessionId)).rejects.toMatchObject({ view: { code: 'signed_out' } })
    expect(await store.requests(sessionId)).toEqual([])
  })
})

describe('a catch-up', () => {
  it('is polled through a broken line, and its failure kept', async () => {
    const states = [
      () => Promise.reject(unreachable()),
      async (id: string) => ({ operation_id: id, status: 'processing', stage: 'summarising' }) as const,
      async (id: string) =>
        ({
          operation_id: id,
          status: 'failed',
          stage: 'failed',
          error: { code: 'upstream_timeout', detail: 'Too slow.' },
        }) as const,
    ]
    const assistant = createAssistant(
      portsWith({ catchupState: id => (states.shift() ?? (() => Promise.reject(unreachable())))(id) }),
    )
    await assistant.send(catchupBody, sessionId)
    await vi.waitFor(async () => {
      expect(await store.requests(sessionId)).toMatchObject([{ failure: { code: 'upstream_timeout' } }])
    })
    expect(states).toEqual([])
  })

  it('is not begun twice when its session is shown twice', async () => {
    const catchup = vi.fn(async (key: string) => ({
      operation_id: key,
      status: 'processing' as const,
      credits_held: 20,
    }))
    const assistant = createAssistant(
      portsWith({ catchup, catchupState: () => new Promise(() => undefined) }),
    )
    await assistant.send(catchupBody, sessionId)
    await Promise.all([assistant.load(sessionId), assistant.load(sessionId)])
    expect(catchup).toHaveBeenCalledTimes(1)
    expect(assistant.requests.value).toHaveLength(1)
  })
})

describe('what was deleted', () => {
  it('is not kept again by an answer that comes later', async () => {
    let answer = (): void => undefined
    const asked = new Promise<void>(resolve => {
      answer = resolve
    })
    const assistant = createAssistant(
      portsWith({
        ask: async key => {
          await asked
          return answerTo(key)
        },
      }),
    )
    await assistant.send(body, sessionId)
    await store.clear()
    answer()
    await vi.waitFor(() => expect(standingsOf(assistant)).toEqual(['answered']))
    await assistant.load(sessionId)
    expect(await store.requests(sessionId)).toEqual([])
    expect(assistant.requests.value).toEqual([])
  })
})

it('says when credits have moved: set aside, and then used', async () => {
  const onSpent = vi.fn()
  const assistant = createAssistant({ ...portsWith({}), onSpent })
  await assistant.send(catchupBody, sessionId)
  await vi.waitFor(() => expect(standingsOf(assistant)).toEqual(['answered']))
  expect(onSpent).toHaveBeenCalledTimes(2)
})
