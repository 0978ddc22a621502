import { dollars, type Price } from './money.ts'

interface VendorPrice {
  readonly name: string
  readonly price: Price
  readonly source: string
  /** Where it was read, and of when that is. */
  readonly readAt: string
}

const hourMs = 3_600_000n
const million = 1_000_000n
const openAi = 'https://developers.openai.com/api/docs/pricing'
const assemblyAi = 'https://www.assemblyai.com/pricing'

/** The vendors' list prices, November 2026. */
export const vendorPrices = {
  streaming: {
    name: 'AssemblyAI, live captions (universal-streaming), by the time that the socket is open',
    price: { nanoDollars: dollars('0.15'), per: hourMs },
    source: assemblyAi,
    readAt: 'assemblyai.com, its blog, 2025',
  },
  recordings: {
    name: 'AssemblyAI, recordings (universal-3-6-pro)',
    price: { nanoDollars: dollars('0.21'), per: hourMs },
    source: assemblyAi,
    readAt: 'hivebook.wiki, May 2026, for universal-3-pro',
  },
  tokensIn: {
    name: 'OpenAI (gpt-6-luna), tokens in',
    price: { nanoDollars: dollars('0.10'), per: million },
    source: openAi,
    readAt: 'developers.openai.com, after September 2026',
  },
  tokensOut: {
    name: 'OpenAI (gpt-6-luna), tokens out',
    price: { nanoDollars: dollars('0.50'), per: million },
    source: openAi,
    readAt: 'developers.openai.com, after September 2026',
  },
} as const satisfies Record<string, VendorPrice>

/** Stripe's price for cards of its own country: of each payment so much, and so many cents. */
export const stripeFee = {
  name: 'Stripe, 2.9 % and 30 cents a payment',
  tenthsOfAPercent: 29n,
  fixed: dollars('0.30'),
  source: 'https://stripe.com/pricing',
  readAt: 'nowhere',
}
