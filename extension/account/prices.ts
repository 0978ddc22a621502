import type { PriceList } from '../../src/contracts/credits.ts'

const lifeMs = 3_600_000

interface SeenPrices {
  readonly value: PriceList
  readonly atMs: number
  readonly apiUrl: string
}

export interface PricesPorts {
  backend(): Promise<{ apiUrl: string; api: { prices(): Promise<PriceList> } }>
  read(): Promise<SeenPrices | undefined>
  write(seen: SeenPrices): Promise<void>
  nowMs(): number
}

/** The price list, asked for once an hour at most. */
export async function currentPrices(ports: PricesPorts): Promise<PriceList> {
  const { apiUrl, api } = await ports.backend()
  const seen = await ports.read()
  const nowMs = ports.nowMs()
  if (seen?.apiUrl === apiUrl && nowMs - seen.atMs < lifeMs) return seen.value
  const value = await api.prices()
  await ports.write({ value, atMs: nowMs, apiUrl })
  return value
}
