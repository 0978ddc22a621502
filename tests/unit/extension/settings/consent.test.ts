import { beforeEach, expect, test } from 'vitest'
import {
  type ConsentState,
  giveConsent,
  readConsent,
  readConsentState,
  watchConsent,
  withdrawConsent,
} from '../../../../extension/settings/consent.ts'
import { consentVersion } from '../../../../extension/settings/model.ts'
import { useStorage } from './memory-storage.ts'

beforeEach(() => useStorage())

test('nothing is agreed to at first', async () => {
  expect(await readConsent()).toBeUndefined()
  expect(await readConsentState()).toEqual({ name: 'none' })
})

test('what is agreed to is kept with its time and the text that it was about', async () => {
  await giveConsent(1_000)
  expect(await readConsent()).toEqual({ version: consentVersion, agreedAtMs: 1_000 })
  expect(await readConsentState()).toEqual({ name: 'given', agreedAtMs: 1_000 })
})

test('an agreement to an older text counts for nothing, and is told from none', async () => {
  await chrome.storage.local.set({ consent: { version: consentVersion - 1, agreedAtMs: 1_000 } })
  expect(await readConsent()).toBeUndefined()
  expect(await readConsentState()).toEqual({ name: 'outdated' })
})

test.each([[true], ['yes'], [{ version: consentVersion }], [{ agreedAtMs: 1 }]])(
  'what is no agreement is not taken for one: %j',
  async stored => {
    await chrome.storage.local.set({ consent: stored })
    expect(await readConsent()).toBeUndefined()
  },
)

test('an agreement can be taken back', async () => {
  await giveConsent()
  await withdrawConsent()
  expect(await readConsent()).toBeUndefined()
})

test('who watches hears of giving and withdrawing, until they stop', async () => {
  const heard: ConsentState['name'][] = []
  const stop = watchConsent(({ name }) => heard.push(name))
  await giveConsent()
  await withdrawConsent()
  stop()
  await giveConsent()
  expect(heard).toEqual(['given', 'none'])
})
