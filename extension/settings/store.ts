import { type Settings, type SiteOverlay, settingsSchema, siteOverlaySchema } from './model.ts'

const settingsKey = 'settings'
const siteKey = (origin: string): string => `site:${origin}`

/** What the listener has set; what was never set, or can't be read, is as it comes. */
export async function readSettings(): Promise<Settings> {
  const stored = await chrome.storage.local.get(settingsKey)
  const parsed = settingsSchema.safeParse(stored[settingsKey] ?? {})
  return parsed.success ? parsed.data : settingsSchema.parse({})
}

/** Changes some of the settings. */
export async function changeSettings(changes: Partial<Settings>): Promise<Settings> {
  const settings = settingsSchema.parse({ ...(await readSettings()), ...changes })
  await chrome.storage.local.set({ [settingsKey]: settings })
  return settings
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

/** Changes some of what a site has of its own. */
export async function changeSiteOverlay(origin: string, changes: Partial<SiteOverlay>): Promise<void> {
  const site = siteOverlaySchema.parse({ ...(await readSiteOverlay(origin)), ...changes })
  await chrome.storage.local.set({ [siteKey(origin)]: site })
}

/** The backend that this extension speaks to, without a slash at its end. */
export const apiUrlOf = (settings: Settings): string =>
  (__DEVELOPMENT__ && settings.apiUrl !== '' ? settings.apiUrl : __API_URL__).replace(/\/$/, '')
