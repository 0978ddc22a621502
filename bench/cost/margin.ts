import { channelCatchupCredits, liveCredits, priceList } from '../../src/domain/price-list.ts'
import { listeners, live, reasoningTokensASummary, usage } from './assumptions.ts'
import type { CallTotals } from './calls.ts'
import { channelMinutes, leasesASession, minuteMs, sessionMinutes } from './listener.ts'
import { costOf, type NanoDollars, nanosADollar, scaled } from './money.ts'
import { stripeFee, vendorPrices } from './vendor-prices-2026-11.ts'

/** What vendors charge for one listener's month, Stripe apart. */
export interface VendorBill {
  readonly streaming: NanoDollars
  readonly recordings: NanoDollars
  readonly tokens: NanoDollars
  readonly total: NanoDollars
  readonly tokensInOfAll: bigint
  readonly tokensOutOfAll: bigint
}

export const vendorBill = (calls: readonly CallTotals[]): VendorBill => {
  const leases = usage.sessions * BigInt(leasesASession)
  const captionsMs = usage.sessions * BigInt(sessionMinutes * minuteMs) + leases * live.overlapMsALease
  const soundMs = usage.channelCatchups * BigInt(channelMinutes * minuteMs)
  const tokensInOfAll = calls.reduce((sum, { tokensIn }) => sum + tokensIn, 0n)
  const thoughts = usage.catchups * listeners * reasoningTokensASummary
  const tokensOutOfAll = calls.reduce((sum, { tokensOut }) => sum + tokensOut, thoughts)
  const streaming = costOf(captionsMs, vendorPrices.streaming.price)
  const recordings = costOf(soundMs, vendorPrices.recordings.price)
  const tokensOfAll =
    costOf(tokensInOfAll, vendorPrices.tokensIn.price) + costOf(tokensOutOfAll, vendorPrices.tokensOut.price)
  const tokens = scaled(tokensOfAll, listeners, 1n)
  return {
    streaming,
    recordings,
    tokens,
    total: streaming + recordings + tokens,
    tokensInOfAll,
    tokensOutOfAll,
  }
}

/** Credits that one listener's month takes. */
export const creditsUsed = (): { live: bigint; channel: bigint; transcript: bigint; total: bigint } => {
  const { sessions, catchups, channelCatchups } = usage
  const captions = sessions * BigInt(liveCredits(sessionMinutes * minuteMs))
  const channel = channelCatchups * BigInt(channelCatchupCredits(channelMinutes * minuteMs))
  const transcript = (catchups - channelCatchups) * BigInt(priceList.rates.catchup.credits)
  return { live: captions, channel, transcript, total: captions + channel + transcript }
}

/** What Stripe keeps of a payment. */
export const feeOf = (paid: NanoDollars): NanoDollars =>
  costOf(paid, { nanoDollars: stripeFee.tenthsOfAPercent, per: 1_000n }) + stripeFee.fixed

/** What a number of packs of one kind brings in, and what the use that it pays for costs. */
export interface PackMonth {
  readonly pack: string
  /** In thousandths: a listener who buys every other month buys 500. */
  readonly packsThousandths: bigint
  readonly credits: bigint
  readonly paid: NanoDollars
  readonly stripe: NanoDollars
  readonly vendors: NanoDollars
  readonly aws: NanoDollars
  readonly left: NanoDollars
  /** Of the month's use, in tenths of a percent; 1,000 at most. */
  readonly coversTenthsOfAPercent: bigint
}

type Pack = (typeof priceList.packages)[number]

const thousand = 1_000n
const centsToNanos = (cents: number): NanoDollars => (BigInt(cents) * nanosADollar) / 100n

const packMonth = (
  pack: Pack,
  packsThousandths: bigint,
  costs: { vendors: NanoDollars; aws: NanoDollars },
): PackMonth => {
  const price = centsToNanos(pack.price_cents)
  const used = creditsUsed().total
  const bought = (packsThousandths * BigInt(pack.credits)) / thousand
  const spent = bought < used ? bought : used
  const paid = (packsThousandths * price) / thousand
  const stripe = scaled(feeOf(price), thousand, packsThousandths)
  const vendors = scaled(costs.vendors, used, spent)
  return {
    pack: pack.name,
    packsThousandths,
    credits: bought,
    paid,
    stripe,
    vendors,
    aws: costs.aws,
    left: paid - stripe - vendors - costs.aws,
    coversTenthsOfAPercent: (spent * thousand) / used,
  }
}

/** As many purchases as the model's listener makes, of each kind of pack. @param costs of one listener's whole month */
export const packMonths = (costs: { vendors: NanoDollars; aws: NanoDollars }): PackMonth[] =>
  priceList.packages.map(pack => packMonth(pack, usage.purchases * thousand, costs))

/** As many packs of each kind as pay for the whole month's use, parts of packs counted. */
export const packsNeeded = (costs: { vendors: NanoDollars; aws: NanoDollars }): PackMonth[] =>
  priceList.packages.map(pack =>
    packMonth(pack, scaled(creditsUsed().total, BigInt(pack.credits), thousand), costs),
  )

/** What the credits that a new account is given cost in captions. */
export const bonusCost = (): NanoDollars => {
  const seconds = BigInt(Math.floor((priceList.signup_bonus / liveCredits(minuteMs)) * 60))
  return costOf(seconds * 1_000n, vendorPrices.streaming.price)
}
