import * as z from 'zod'
import { loginRequestSchema, registerRequestSchema } from '../../src/contracts/auth.ts'
import { balanceResponseSchema, priceListSchema } from '../../src/contracts/credits.ts'
import { sessionViewSchema } from '../captions/view.ts'
import {
  overlayPlacementSchema,
  overlayStyleChangesSchema,
  overlayStyleSchema,
  silenceSchema,
} from '../settings/model.ts'
import { endReasons } from '../transcript/model.ts'

/** Who answers a message. */
export type Addressee = 'background' | 'offscreen'

/** Who may send it: the extension's own pages, the offscreen document and the service worker, or also content scripts. */
export type Senders = 'extension' | 'extension_and_content'

const message = <To extends Addressee, Request extends z.ZodType, Answer extends z.ZodType>(
  to: To,
  from: Senders,
  request: Request,
  answer: Answer,
) => ({ to, from, request, answer })

const nothing = z.object({})

/** Whether somebody is signed in, and who. */
export const accountSchema = z.object({
  user: z.object({ email: z.string(), name: z.string().nullable() }).nullable(),
})

const captionedPageSchema = z.object({
  title: z.string(),
  url: z.string(),
  channel: z.string().exactOptional(),
})

/** Every message between the extension's parts. Their types are taken from here, and what is sent is held to it. */
export const contract = {
  'account/read': message('background', 'extension', nothing, accountSchema),
  'account/register': message('background', 'extension', registerRequestSchema, accountSchema),
  'account/login': message('background', 'extension', loginRequestSchema, accountSchema),
  'account/logout': message('background', 'extension', nothing, accountSchema),
  /**
   * A token that is good for a minute at least; `stale` names one that the API has refused. With `account` (`accountKey`)
   * it is that account's or none.
   */
  'account/access-token': message(
    'background',
    'extension',
    z.object({ stale: z.string().exactOptional(), account: z.string().exactOptional() }),
    z.object({ accessToken: z.string() }),
  ),
  /** The balance as last seen, or asked for anew. It is also in session storage under `balance`, for all to watch. */
  'account/balance': message(
    'background',
    'extension',
    z.object({ refresh: z.boolean() }),
    balanceResponseSchema,
  ),
  /** Something has changed the balance: it is asked for anew, soon. */
  'account/balance-moved': message('background', 'extension', nothing, nothing),
  'account/prices': message('background', 'extension', nothing, priceListSchema),

  /** The listener clicked in a tab: its sound is captured and captioned. `takeOver` ends captions elsewhere first. */
  'captions/start': message(
    'background',
    'extension',
    z.object({ tabId: z.int(), takeOver: z.boolean() }),
    z.object({ sessionId: z.string() }),
  ),
  /** A content script's own tab is stopped, whatever it says. */
  'captions/stop': message(
    'background',
    'extension_and_content',
    z.object({ tabId: z.int().optional() }),
    nothing,
  ),
  /** The offscreen document tells of a change that the badge, the overlay or the balance depends on. */
  'captions/changed': message(
    'background',
    'extension',
    z.object({ sessions: z.array(sessionViewSchema) }),
    nothing,
  ),

  /** How captions look on the sender's page. */
  'overlay/settings': message(
    'background',
    'extension_and_content',
    nothing,
    z.object({
      style: overlayStyleSchema,
      placement: overlayPlacementSchema,
      hidden: z.boolean(),
      announceCaptions: z.boolean(),
    }),
  ),
  /** Remembered for the sender's site. */
  'overlay/save': message(
    'background',
    'extension_and_content',
    z.object({
      style: overlayStyleChangesSchema.optional(),
      placement: overlayPlacementSchema.optional(),
      hidden: z.boolean().optional(),
    }),
    nothing,
  ),
  /** Shows the overlay of a tab again. */
  'overlay/show': message('background', 'extension', z.object({ tabId: z.int() }), nothing),
  /** The popup is open in a tab: what its badge says has been seen, and the overlay may be put on the page again. */
  'popup/opened': message('background', 'extension', z.object({ tabId: z.int() }), nothing),
  /** Opens the side panel of the tab that the click was in. */
  'panel/open': message(
    'background',
    'extension_and_content',
    z.object({ tabId: z.int().optional() }),
    nothing,
  ),

  /** A page of the extension has opened Checkout in a tab: the balance is watched for a while once the tab closes. */
  'checkout/opened': message('background', 'extension', z.object({ tabId: z.int() }), nothing),

  /** Ends captions, signs out, and forgets all that is stored on this machine. */
  'data/delete-everything': message('background', 'extension', nothing, nothing),

  'engine/begin': message(
    'offscreen',
    'extension',
    z.object({
      sessionId: z.string(),
      tabId: z.int(),
      /** Of `chrome.tabCapture`: good for a few seconds. */
      streamId: z.string(),
      page: captionedPageSchema,
      apiUrl: z.string(),
      /** Whose captions they are (`accountKey`): they are paid for with no other account's token. */
      account: z.string(),
      language: z.string(),
      silence: silenceSchema,
      /** Ends captions that another browser of the account has open, instead of being refused. */
      takeOver: z.boolean(),
    }),
    nothing,
  ),
  /** Ends a tab's captions: what was said is stored and the backend told before this is answered. */
  'engine/end': message(
    'offscreen',
    'extension',
    z.object({ tabId: z.int(), reason: z.enum(endReasons) }),
    nothing,
  ),
  'engine/configure': message('offscreen', 'extension', z.object({ silence: silenceSchema }), nothing),
  'engine/sessions': message(
    'offscreen',
    'extension',
    nothing,
    z.object({ sessions: z.array(sessionViewSchema) }),
  ),
} as const

export type Contract = typeof contract
export type MessageType = keyof Contract
export type Request<Type extends MessageType> = z.input<Contract[Type]['request']>
export type Answer<Type extends MessageType> = z.output<Contract[Type]['answer']>
export type Account = z.infer<typeof accountSchema>

/** A message as it travels. */
export const envelopeSchema = z.object({ type: z.string(), request: z.unknown() })

/**
 * What the service worker tells a content script: the listener changed how captions look, or wants them back. It is
 * told by `chrome.tabs.sendMessage` and not answered.
 */
export type OverlayNudge = { readonly type: 'overlay/changed' }
