import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fakeBrowser } from 'wxt/testing/fake-browser'
import { chromeVault } from '../../../../extension/account/chrome-vault.ts'
import { storedHadAccount, storedSignInEnded } from '../../../../extension/account/stored.ts'

const signedIn = {
  email: 'listener@example.com',
  name: null,
  apiUrl: 'https://api.example',
  refreshToken: 'r1',
}

beforeEach(() => {
  fakeBrowser.reset()
  vi.stubGlobal('chrome', fakeBrowser)
})
afterEach(() => vi.unstubAllGlobals())

describe('the login in the storage of the extension', () => {
  it('is read as it was written', async () => {
    await chromeVault.writeSignedIn(signedIn)
    expect(await chromeVault.readSignedIn()).toEqual(signedIn)
  })

  it('is none where a part of it is missing', async () => {
    await chromeVault.writeSignedIn(signedIn)
    await chrome.storage.local.remove('refresh-token')
    expect(await chromeVault.readSignedIn()).toBeUndefined()
  })

  it('keeps what opens doors at once in memory, off the disk', async () => {
    await chromeVault.writeAccessToken({ token: 'a1', expiresAtMs: 1 })
    expect(await chrome.storage.local.get()).toEqual({})
    expect(await chromeVault.readAccessToken()).toEqual({ token: 'a1', expiresAtMs: 1 })
  })

  it('is forgotten with its balance, and leaves nothing of who it was', async () => {
    await chromeVault.writeSignedIn(signedIn)
    await chromeVault.writeAccessToken({ token: 'a1', expiresAtMs: 1 })
    await chrome.storage.session.set({ balance: { value: {}, atMs: 1 } })
    await chromeVault.forget('asked')
    expect(await chrome.storage.local.get()).toEqual({ [storedHadAccount.key]: true })
    expect(await chrome.storage.session.get()).toEqual({})
  })

  it('that the backend has ended is told of until somebody signs in or out', async () => {
    await chromeVault.forget('refused')
    expect(await storedSignInEnded.read()).toBe(true)
    await chromeVault.forget('asked')
    expect(await storedSignInEnded.read()).toBeUndefined()
  })
})
