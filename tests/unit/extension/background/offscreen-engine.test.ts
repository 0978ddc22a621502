import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { offscreenEngine } from '../../../../extension/background/offscreen-engine.ts'
import { viewOf } from './samples.ts'

/** A browser with an offscreen document that answers as it is told to, question by question. */
function browserWith(answers: readonly ('nothing' | 'its sessions')[]) {
  const browser = { asked: 0, closed: 0, isOpen: true }
  vi.stubGlobal('chrome', {
    runtime: {
      getURL: (path: string) => `chrome-extension://id/${path}`,
      getContexts: async () => (browser.isOpen ? [{}] : []),
      sendMessage: async () => {
        const answer = answers[browser.asked]
        browser.asked += 1
        if (answer !== 'its sessions') throw new Error('Could not establish connection.')
        return { ok: true, value: { sessions: [viewOf()] } }
      },
    },
    offscreen: {
      closeDocument: async () => {
        browser.closed += 1
        browser.isOpen = false
      },
    },
  })
  return browser
}

const sessions = async () => {
  const asking = offscreenEngine.sessions()
  await vi.advanceTimersByTimeAsync(300)
  return asking
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('an offscreen document', () => {
  it('that misses one question goes on with its captions', async () => {
    const browser = browserWith(['nothing', 'its sessions'])
    expect(await sessions()).toEqual([viewOf()])
    expect(browser.closed).toBe(0)
  })

  it('that answers is asked once', async () => {
    const browser = browserWith(['its sessions'])
    await sessions()
    expect(browser.asked).toBe(1)
  })

  it('that answers neither of two questions is closed', async () => {
    const browser = browserWith([])
    expect(await sessions()).toEqual([])
    expect(browser).toMatchObject({ asked: 2, closed: 1 })
  })

  it('that is not there has no sessions', async () => {
    const browser = browserWith([])
    browser.isOpen = false
    expect(await sessions()).toEqual([])
    expect(browser.asked).toBe(0)
  })
})
