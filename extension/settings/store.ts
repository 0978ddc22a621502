import * as z from 'zod'
import { type Settings, type SiteOverlay, settingsSchema, siteOverlaySchema } from './model.ts'

const settingsKey = 'settings'
const siteKey = (origin: string): string => `site:${origin}`

/** What the listener has set; what was never set, or can't be read, is as it comes. */
export async function readSettings(): Promise<Settings> {
  const stored = await chrome.storage.local.get(settingsKey)
  return settingsFrom(stored[settingsKey])
}

/** Some of the settings as they are to be, or how that follows from what they are. */
export type SettingsChange = Partial<Settings> | ((settings: Settings) => Partial<Settings>)

/** Changes some of the settings: one change after another, wherever they come from. */
export function changeSettings(change: SettingsChange): Promise<Settings> {
  return navigator.locks.request(settingsKey, async () => {
    const before = await readSettings()
    const changes = typeof change === 'function' ? change(before) : change
    const settings = settingsSchema.parse({ ...before, ...changes })
    await chrome.storage.local.set({ [settingsKey]: settings })
    return settings
  })
}

/** Each setting by itself, so that one that can't be read takes no other with it. */
function settingsFrom(stored: unknown): Settings {
  const values = z.record(z.string(), z.unknown()).catch({}).parse(stored)
  const readable = Object.entries(settingsSchema.shape).filter(
    ([key, schema]) => schema.safeParse(values[key]).success,
  )
  return settingsSchema.parse(Object.fromEntries(readable.map(([key]) => [key, values[key]])))
}

/** Calls back with the settings whenever they have changed, wherever that was. Gives what ends it. */
export function watchSettings(onChange: (settings: Settings) => void): () => void {
  const listener = (changes: Record<string, chrome.storage.StorageChange>, area: string): void => {
    if (area === 'local' && settingsKey in changes) void readSettings().then(onChange)
  }
  chrome.storage.onChanged.addListener(listener)
  return () => chrome.storage.onChanged.removeListener(listener)
}

/** What a site has of its own. @param origin as in `https://www.twitch.tv` */
export async function readSiteOverlay(origin: string): Promise<SiteOverlay> {
  const stored = await chrome.storage.local.get(siteKey(origin))
  const parsed = siteOverlaySchema.safeParse(stored[siteKey(origin)] ?? {})
  return parsed.success ? parsed.data : siteOverlaySchema.parse({})
}

/** Changes some of what a site has of its own: one change after another, wherever they come from. */
export function changeSiteOverlay(origin: string, changes: Partial<SiteOverlay>): Promise<void> {
  return navigator.locks.request(siteKey(origin), async () => {
    const site = siteOverlaySchema.parse({ ...(await readSiteOverlay(origin)), ...changes })
    await chrome.storage.local.set({ [siteKey(origin)]: site })
  })
}

/** The backend that this extension speaks to, without a slash at its end. */
export const apiUrlOf = (settings: Settings): string =>
  (__DEVELOPMENT__ && settings.apiUrl !== '' ? settings.apiUrl : __API_URL__).replace(/\/$/, '')
