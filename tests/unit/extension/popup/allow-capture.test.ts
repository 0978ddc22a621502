import { afterEach, describe, expect, it, vi } from 'vitest'
import { allowCapture, takeStartIntent } from '../../../../extension/popup/allow-capture.ts'
import { useStorage } from '../settings/memory-storage.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** A browser whose listener answers so. */
const listenerSays = (yes: boolean): void => useStorage({ permissions: { request: async () => yes } })

describe('what was to be started when the browser asked', () => {
  it('is known to the next click in that tab, once', async () => {
    listenerSays(true)
    await allowCapture(1, true)
    expect(await takeStartIntent(1)).toMatchObject({ takeOver: true })
    expect(await takeStartIntent(1)).toBeUndefined()
  })

  it('is left for its own tab', async () => {
    listenerSays(true)
    await allowCapture(1, false)
    expect(await takeStartIntent(2)).toBeUndefined()
    expect(await takeStartIntent(1)).toMatchObject({ takeOver: false })
  })

  it('is forgotten where the listener says no, who is told what is missing', async () => {
    listenerSays(false)
    await expect(allowCapture(1, false)).rejects.toMatchObject({ view: { code: 'permission_needed' } })
    expect(await takeStartIntent(1)).toBeUndefined()
  })

  it('is meant for five minutes', async () => {
    vi.useFakeTimers({ toFake: ['Date'] })
    listenerSays(true)
    await allowCapture(1, false)
    vi.advanceTimersByTime(5 * 60_000)
    expect(await takeStartIntent(1)).toBeUndefined()
  })

  it('is noted before the browser’s question can close the popup', () => {
    const request = vi.fn(() => new Promise<boolean>(() => undefined))
    useStorage({ permissions: { request } })
    const noted = vi.spyOn(chrome.storage.session, 'set')
    void allowCapture(1, false)
    expect(noted).toHaveBeenCalledBefore(request)
  })
})
