import * as z from 'zod'
import { problemViewSchema, sessionViewSchema } from '../captions/view.ts'
import { storedValue } from './stored-value.ts'

const captionedTabSchema = z.object({
  /** The tab's captions as last told of, those that have ended too, until it closes or captions start in it again. */
  view: sessionViewSchema,
  /** They have started, if only once: a listener who hears no more of them is told. */
  begun: z.boolean(),
  /** The page does not let captions be shown over it: they are in the side panel. */
  overlayRefused: z.boolean(),
  /** The listener has seen how they ended. */
  endSeen: z.boolean(),
})

/** A tab and its captions, as the popup and the badge show them. */
export type CaptionedTab = z.infer<typeof captionedTabSchema>

export const storedCaptionedTabs = storedValue('session', 'captioned-tabs', z.array(captionedTabSchema))

/** The worker has looked after what an earlier run of the browser, or of the extension, left open. */
export const storedKnownBrowser = storedValue('session', 'known-browser', z.literal(true))

/** Why captions did not start in a tab the last time they were to: kept until the popup has shown it. */
export const storedLastProblem = storedValue(
  'session',
  'last-problem',
  z.object({ tabId: z.int(), problem: problemViewSchema }),
)

/** The tab in which captions were to begin when the browser asked the listener whether they may. */
export const storedStartIntent = storedValue(
  'session',
  'start-intent',
  z.object({ tabId: z.int(), takeOver: z.boolean(), atMs: z.number() }),
)

/** What the side panel is to show when it opens. It reads and clears this. */
export const storedPanelIntent = storedValue(
  'session',
  'panel-intent',
  z.object({ tab: z.literal('catchup'), channel: z.string().optional() }),
)

/** Tabs in which Checkout is open, and what had been bought before. */
export const storedCheckoutTabs = storedValue(
  'session',
  'checkout-tabs',
  z.array(z.object({ tabId: z.int(), purchasedBefore: z.int().optional() })),
)

/** The watch for a payment that is under way. */
export const storedCheckoutWatch = storedValue(
  'session',
  'checkout-watch',
  z.object({ purchasedBefore: z.int().optional(), endsAtMs: z.number() }),
)
