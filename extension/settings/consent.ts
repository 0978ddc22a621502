import * as z from 'zod'
import { consentVersion } from './model.ts'

const consentKey = 'consent'

/** That the listener has agreed to where sound and text go. */
export const consentSchema = z.object({
  /** Which text was agreed to. */
  version: z.int(),
  agreedAtMs: z.number(),
})
export type Consent = z.infer<typeof consentSchema>

/** What was agreed to; undefined where it was not, or where the text has changed since: then it is asked for again. */
export async function readConsent(): Promise<Consent | undefined> {
  const stored = await chrome.storage.local.get(consentKey)
  return consentInForce(stored[consentKey])
}

/** Remembers that the listener agrees to the text as it is now. */
export async function giveConsent(nowMs = Date.now()): Promise<void> {
  const consent: Consent = { version: consentVersion, agreedAtMs: nowMs }
  await chrome.storage.local.set({ [consentKey]: consent })
}

/** Takes it back: nothing is captured before it is given again. */
export const withdrawConsent = (): Promise<void> => chrome.storage.local.remove(consentKey)

/** Calls back whenever consent is given or withdrawn, wherever that was. Gives what ends it. */
export function watchConsent(onChange: (consent: Consent | undefined) => void): () => void {
  const listener = (changes: Record<string, chrome.storage.StorageChange>): void => {
    const change = changes[consentKey]
    if (change) onChange(consentInForce(change.newValue))
  }
  chrome.storage.local.onChanged.addListener(listener)
  return () => chrome.storage.local.onChanged.removeListener(listener)
}

function consentInForce(stored: unknown): Consent | undefined {
  const parsed = consentSchema.safeParse(stored)
  return parsed.success && parsed.data.version >= consentVersion ? parsed.data : undefined
}
