import * as z from 'zod'

/** What one adjustment may move at most: more than any pack, and no slip of the finger. */
const mostCredits = 1_000_000

/**
 * What happened at Stripe and the adjustment books: a refund or dispute, as a webhook would name its row, or a paid
 * session whose purchase was not credited. Stripe names refunds of what was not paid by card `pyr_…`.
 */
const causeId = /^(refund#(re|pyr)_\w+(#failed)?|dispute#d[pu]_\w+#(withdrawn|reinstated)|session#cs_\w+)$/

/** Whether an adjustment of this id books something that happened at Stripe. */
export const booksCause = (transactionId: string): boolean => causeId.test(transactionId)

/** Why. It outlives the listener's data, so it must not hold any. */
export const staffReason = z
  .string()
  .trim()
  .min(1, 'Say why.')
  .max(200, 'Must have at most 200 characters.')
  .refine(reason => !reason.includes('@'), 'Name nobody: it is kept when the account is erased.')

/** What one adjustment moves. */
export const staffCredits = z
  .int('Must be a whole number.')
  .min(-mostCredits, `Must be at least -${mostCredits}.`)
  .max(mostCredits, `Must be at most ${mostCredits}.`)

const staffFields = {
  /** The caller's, so that a repeat does nothing more. */
  transaction_id: z.union(
    [z.uuidv7(), z.string().regex(causeId)],
    'Must be a UUIDv7, refund#re_…, refund#re_…#failed, dispute#du_…#withdrawn, dispute#du_…#reinstated or session#cs_….',
  ),
  reason: staffReason,
  /** Who did it, as AWS knows them. */
  actor: z.string().min(1).max(512),
}

/** Credits that staff puts on a balance, or takes from it: none only for a refund whose credits are all spent. */
export const adjustmentSchema = z
  .object({ ...staffFields, credits: staffCredits })
  .refine(({ credits, transaction_id }) => credits !== 0 || booksCause(transaction_id), {
    path: ['credits'],
    message: 'Must not be 0.',
  })

/** Credits that staff gives and that lapse. */
export const staffGrantSchema = z.object({
  ...staffFields,
  credits: staffCredits.positive('Must be above 0.'),
  expires_at: z.iso.datetime('Must be a time, as 2026-12-31T23:59:59Z.'),
})

export type AdjustmentRequest = z.input<typeof adjustmentSchema>
export type StaffGrantRequest = z.input<typeof staffGrantSchema>
