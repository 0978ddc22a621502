import { expect, it } from 'vitest'
import { offersChannels } from '../../../../extension/account/offers-channels.ts'
import { offeredPrices } from '../../../../src/domain/price-list.ts'

it.each([
  ['as the service says', offeredPrices({ offersChannels: true }), true],
  ['not where it says that it has none', offeredPrices({ offersChannels: false }), false],
  ['where nobody knows', undefined, true],
])('channels are offered %s', (_, prices, offered) => {
  expect(offersChannels(prices)).toBe(offered)
})
