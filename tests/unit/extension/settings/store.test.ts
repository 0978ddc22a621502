import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Settings, settingsSchema } from '../../../../extension/settings/model.ts'
import {
  apiUrlOf,
  changeSettings,
  changeSiteOverlay,
  readSettings,
  readSiteOverlay,
  watchSettings,
} from '../../../../extension/settings/store.ts'
import { useStorage } from './memory-storage.ts'

const defaults: Settings = settingsSchema.parse({})

beforeEach(() => useStorage())
afterEach(() => vi.unstubAllGlobals())

test('what was never set is as it comes', async () => {
  expect(await readSettings()).toEqual(defaults)
})

test('a change leaves the rest as it was', async () => {
  await changeSettings({ language: 'es' })
  await changeSettings({ announceCaptions: true })
  expect(await readSettings()).toEqual({ ...defaults, language: 'es', announceCaptions: true })
})

test('changes that come at once are all kept, also of the same setting’s parts', async () => {
  await Promise.all([
    changeSettings(({ silence }) => ({ silence: { ...silence, pauseAfterSeconds: 0 } })),
    changeSettings(({ silence }) => ({ silence: { ...silence, sensitivity: 'high' } })),
    changeSettings({ language: 'multi' }),
  ])
  expect(await readSettings()).toMatchObject({
    language: 'multi',
    silence: { pauseAfterSeconds: 0, sensitivity: 'high' },
  })
})

test('what is no setting is refused, and what was set stays', async () => {
  await changeSettings({ language: 'es' })
  await expect(changeSettings({ language: 'Spanish' })).rejects.toThrow()
  await expect(changeSettings({ apiUrl: 'ftp://example.com' })).rejects.toThrow()
  expect((await readSettings()).language).toBe('es')
})

test('a setting that can’t be read is as it comes, and takes no other with it', async () => {
  await chrome.storage.local.set({ settings: { language: 'es', silence: { pauseAfterSeconds: -1 }, hue: 3 } })
  expect(await readSettings()).toEqual({ ...defaults, language: 'es' })
  await chrome.storage.local.set({ settings: 'none' })
  expect(await readSettings()).toEqual(defaults)
})

test('who watches hears of each change, until they stop', async () => {
  const heard: string[] = []
  const stop = watchSettings(({ language }) => heard.push(language))
  await changeSettings({ language: 'fr' })
  await vi.waitFor(() => expect(heard).toEqual(['fr']))
  stop()
  await changeSettings({ language: 'de' })
  await readSettings()
  expect(heard).toEqual(['fr'])
})

test('a site keeps what was changed on it, beside what is set for all', async () => {
  await changeSiteOverlay('https://a.example', { style: { fontSizePx: 30 } })
  await changeSiteOverlay('https://a.example', { hidden: true })
  expect(await readSiteOverlay('https://a.example')).toEqual({ style: { fontSizePx: 30 }, hidden: true })
  expect(await readSiteOverlay('https://b.example')).toEqual({ style: {}, hidden: false })
})

test('a development build speaks to the backend that is set, any other to its own', () => {
  vi.stubGlobal('__API_URL__', 'https://api.example.com/')
  const settings = { ...defaults, apiUrl: 'http://127.0.0.1:3000/' }
  vi.stubGlobal('__DEVELOPMENT__', true)
  expect([apiUrlOf(defaults), apiUrlOf(settings)]).toEqual([
    'https://api.example.com',
    'http://127.0.0.1:3000',
  ])
  vi.stubGlobal('__DEVELOPMENT__', false)
  expect(apiUrlOf(settings)).toBe('https://api.example.com')
})
