import { afterEach, describe, expect, it, vi } from 'vitest'
import { type Answers, answerMessages } from '../../../../extension/messages/answer.ts'
import { Problem } from '../../../../extension/messages/problem.ts'
import { send } from '../../../../extension/messages/send.ts'
import { contentScript, extensionOrigin, popup, useMessages } from './message-bus.ts'

afterEach(() => vi.unstubAllGlobals())

const sessions = { sessions: [] }

/** The offscreen document, with what it does differently. */
function answerAsOffscreen(differs: Partial<Answers<'offscreen'>> = {}): void {
  answerMessages('offscreen', {
    'engine/begin': async () => undefined,
    'engine/end': async () => undefined,
    'engine/configure': async () => undefined,
    'engine/sessions': async () => sessions,
    ...differs,
  })
}

const raw = (message: unknown): Promise<unknown> => chrome.runtime.sendMessage(message)

describe('a message', () => {
  it('is answered with what its handler gives', async () => {
    useMessages()
    answerAsOffscreen()
    expect(await send('engine/sessions', {})).toEqual(sessions)
  })

  it('is answered with nothing where its handler gives nothing', async () => {
    useMessages()
    answerAsOffscreen()
    expect(await send('engine/end', { tabId: 1, reason: 'stopped' })).toEqual({})
  })

  it('reaches its handler as the contract has it, with who sent it', async () => {
    useMessages()
    const end = vi.fn<Answers<'offscreen'>['engine/end']>(async () => undefined)
    answerAsOffscreen({ 'engine/end': end })
    await raw({ type: 'engine/end', request: { tabId: 1, reason: 'stopped', more: 'than agreed' } })
    expect(end).toHaveBeenCalledWith({ tabId: 1, reason: 'stopped' }, popup)
  })

  it('begins to be handled before anything else happens, while the click that sent it still counts', () => {
    useMessages()
    const end = vi.fn<Answers<'offscreen'>['engine/end']>(async () => undefined)
    answerAsOffscreen({ 'engine/end': end })
    void send('engine/end', { tabId: 1, reason: 'stopped' })
    expect(end).toHaveBeenCalledOnce()
  })

  it('that is malformed is refused and not handled', async () => {
    useMessages()
    const end = vi.fn<Answers<'offscreen'>['engine/end']>(async () => undefined)
    answerAsOffscreen({ 'engine/end': end })
    const refused = raw({ type: 'engine/end', request: { tabId: 'one', reason: 'stopped' } })
    expect(await refused).toMatchObject({ ok: false, problem: { code: 'validation_failed' } })
    expect(end).not.toHaveBeenCalled()
  })

  it.each([
    ['to another part', { type: 'account/read', request: {} }],
    ['of an unknown type', { type: 'engine/explode', request: {} }],
    ['of a type that every object has', { type: 'toString', request: {} }],
    ['without a type', { request: {} }],
    ['that is none', 'hello'],
  ])('%s is left alone', async (_, message) => {
    useMessages()
    answerAsOffscreen()
    expect(await raw(message)).toBeUndefined()
  })

  it.each([
    ['a content script', contentScript],
    ['a content script that calls itself a page', { ...contentScript, url: `${extensionOrigin}/popup.html` }],
    ['another extension', { id: 'ponmlkjihgfedcbaponmlkjihgfedcba', origin: extensionOrigin }],
    ['nobody', {}],
  ])('for pages of the extension alone is not answered to %s', async (_, sender) => {
    useMessages().as(sender)
    const look = vi.fn(async () => sessions)
    answerAsOffscreen({ 'engine/sessions': look })
    await expect(send('engine/sessions', {})).rejects.toMatchObject({ view: { code: 'engine_failed' } })
    expect(look).not.toHaveBeenCalled()
  })
})

/** The worker, which answers content scripts as well. */
function answerAsBackground(stop: Answers<'background'>['captions/stop']): void {
  answerMessages('background', { 'captions/stop': stop } as Answers<'background'>)
}

describe('a message that content scripts may send', () => {
  it('is answered to them', async () => {
    useMessages().as(contentScript)
    answerAsBackground(async () => undefined)
    expect(await send('captions/stop', {})).toEqual({})
  })

  it('is not answered to those of another extension', async () => {
    useMessages().as({ ...contentScript, id: 'ponmlkjihgfedcbaponmlkjihgfedcba' })
    const stop = vi.fn<Answers<'background'>['captions/stop']>(async () => undefined)
    answerAsBackground(stop)
    await expect(send('captions/stop', {})).rejects.toThrow()
    expect(stop).not.toHaveBeenCalled()
  })
})

describe('a failure', () => {
  it('that a listener can be told of reaches the sender whole', async () => {
    useMessages()
    const view = {
      code: 'insufficient_credits',
      detail: 'Too few.',
      requiredCredits: 10,
      availableCredits: 3,
    }
    answerAsOffscreen({
      'engine/begin': async () => {
        throw new Problem(view)
      },
    })
    const begun = send('engine/begin', begin)
    await expect(begun).rejects.toBeInstanceOf(Problem)
    await expect(begun).rejects.toMatchObject({ view })
  })

  it.each([
    ['comes later', () => Promise.reject(new Error('listener@example.com'))],
    [
      'comes at once',
      () => {
        throw new Error('listener@example.com')
      },
    ],
  ])('that nobody foresaw says nothing of itself, when it %s', async (_, fail) => {
    useMessages()
    answerAsOffscreen({ 'engine/sessions': fail })
    const answer = await raw({ type: 'engine/sessions', request: {} })
    expect(answer).toMatchObject({ ok: false, problem: { code: 'engine_failed' } })
    expect(JSON.stringify(answer)).not.toContain('listener@example.com')
  })

  it('is told where nobody listens', async () => {
    useMessages()
    await expect(send('engine/sessions', {})).rejects.toMatchObject({ view: { code: 'engine_failed' } })
  })
})

const begin = {
  sessionId: 's',
  tabId: 1,
  streamId: 'x',
  page: { title: '', url: 'https://example.com' },
  apiUrl: 'https://api.example',
  account: 'listener@example.com https://api.example',
  language: '',
  silence: {},
  takeOver: false,
}

describe('the handlers', () => {
  it('are not complete without one for each type', () => {
    // @ts-expect-error engine/sessions is missing
    const incomplete: Answers<'offscreen'> = {
      'engine/begin': async () => undefined,
      'engine/end': async () => undefined,
      'engine/configure': async () => undefined,
    }
    expect(incomplete).not.toHaveProperty('engine/sessions')
  })
})
