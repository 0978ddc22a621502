import * as z from 'zod'
import { consentVersion } from './model.ts'

const consentKey = 'consent'

const consentSchema = z.object({
  /** Which text was agreed to. */
  version: z.int(),
  agreedAtMs: z.number(),
})

/** That the listener has agreed to where sound and text go. */
export type Consent = z.infer<typeof consentSchema>

/** Where it stands: an `outdated` one was given to a text that has changed since, so it is asked for again. */
export type ConsentState =
  | { readonly name: 'given'; readonly agreedAtMs: number }
  | { readonly name: 'outdated' }
  | { readonly name: 'none' }

/** What is agreed to; undefined where it is not, or not to the text as it is now. */
export async function readConsent(): Promise<Consent | undefined> {
  const parsed = consentSchema.safeParse(await stored())
  return parsed.success && isCurrent(parsed.data) ? parsed.data : undefined
}

export async function readConsentState(): Promise<ConsentState> {
  return consentStateOf(await stored())
}

/** Remembers that the listener agrees to the text as it is now. */
export async function giveConsent(nowMs = Date.now()): Promise<void> {
  const consent: Consent = { version: consentVersion, agreedAtMs: nowMs }
  await chrome.storage.local.set({ [consentKey]: consent })
}

/** Takes it back: nothing is captured before it is given again. */
export const withdrawConsent = (): Promise<void> => chrome.storage.local.remove(consentKey)

/** Calls back whenever consent is given or withdrawn, wherever that was. Gives what ends it. */
export function watchConsent(onChange: (state: ConsentState) => void): () => void {
  const listener = (changes: Record<string, chrome.storage.StorageChange>, area: string): void => {
    const change = area === 'local' ? changes[consentKey] : undefined
    if (change) onChange(consentStateOf(change.newValue))
  }
  chrome.storage.onChanged.addListener(listener)
  return () => chrome.storage.onChanged.removeListener(listener)
}

const stored = async (): Promise<unknown> => (await chrome.storage.local.get(consentKey))[consentKey]

const isCurrent = (consent: Consent): boolean => consent.version >= consentVersion

function consentStateOf(value: unknown): ConsentState {
  const parsed = consentSchema.safeParse(value)
  if (!parsed.success) return { name: 'none' }
  return isCurrent(parsed.data) ? { name: 'given', agreedAtMs: parsed.data.agreedAtMs } : { name: 'outdated' }
}
