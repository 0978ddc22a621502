import { expect, it } from 'vitest'
import { html } from '../../../../local/stand-ins/stripe/html.ts'
import { formatAmount } from '../../../../local/stand-ins/stripe/money.ts'

it('escapes what is put into a page, and leaves finished HTML as it is', () => {
  const name = `<script>"Tom's" & co</script>`
  const item = html`<li title="${name}">${name}</li>`
  expect(html`<ul>${[item, item]}${undefined}${3}</ul>`.text).toBe(
    `<ul>${`<li title="&lt;script&gt;&quot;Tom&#39;s&quot; &amp; co&lt;/script&gt;">&lt;script&gt;&quot;Tom&#39;s&quot; &amp; co&lt;/script&gt;</li>`.repeat(2)}3</ul>`,
  )
})

it.each([
  [999, 'usd', '$9.99'],
  [299, 'eur', '€2.99'],
  [500, 'jpy', '¥500'],
  [199_900, 'usd', '$1,999.00'],
])('shows %i %s as %s', (amount, currency, shown) => {
  expect(formatAmount(amount, currency)).toBe(shown)
})
