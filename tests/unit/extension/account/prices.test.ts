import { describe, expect, it } from 'vitest'
import { currentPrices, type PricesPorts } from '../../../../extension/account/prices.ts'
import type { PriceList } from '../../../../src/contracts/credits.ts'

const listOf = (price_list_version: string): PriceList => ({
  price_list_version,
  currency: 'usd',
  packages: [],
  plans: [],
  rates: {
    live_transcription: { credits: 1, per_seconds_begun: 6 },
    clip_transcription: { credits: 1, per_seconds_begun: 6 },
    catchup: { credits: 20 },
    catchup_channel: { credits: 10, per_minutes_begun: 1 },
    ask_agent: { credits: 5 },
  },
  signup_bonus: 200,
})

const hourMs = 3_600_000

/** Asked at `nowMs`, with a list that was got at 0 from `https://api.example`. */
async function versionAt(nowMs: number, apiUrl = 'https://api.example'): Promise<string> {
  const ports: PricesPorts = {
    backend: async () => ({ apiUrl, api: { prices: async () => listOf('new') } }),
    read: async () => ({ value: listOf('old'), atMs: 0, apiUrl: 'https://api.example' }),
    write: async () => undefined,
    nowMs: () => nowMs,
  }
  return (await currentPrices(ports)).price_list_version
}

describe('the price list', () => {
  it('is asked for once an hour at most', async () => {
    expect(await versionAt(hourMs - 1)).toBe('old')
    expect(await versionAt(hourMs)).toBe('new')
  })

  it('of one backend is not taken for that of another', async () => {
    expect(await versionAt(1, 'https://other.example')).toBe('new')
  })

  it('is kept with where and when it was got', async () => {
    const written: unknown[] = []
    await currentPrices({
      backend: async () => ({ apiUrl: 'https://api.example', api: { prices: async () => listOf('new') } }),
      read: async () => undefined,
      write: async seen => void written.push(seen),
      nowMs: () => 5,
    })
    expect(written).toEqual([{ value: listOf('new'), atMs: 5, apiUrl: 'https://api.example' }])
  })
})
