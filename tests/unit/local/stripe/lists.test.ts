import fc from 'fast-check'
import { expect, it } from 'vitest'
import { listPage } from '../../../../local/stand-ins/stripe/lists.ts'

const records = (count: number) => Array.from({ length: count }, (_, index) => ({ id: `x_${index}` }))
const list = { url: '/v1/x', what: 'x', render: (record: { id: string }) => record.id }

it('pages forward and backward over every record once, newest first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 10 }), (count, limit) => {
      const all = records(count)
      const newestFirst = all.map(list.render).reverse()

      const forward: string[] = []
      for (let more = true; more; ) {
        const last = forward.at(-1)
        const page = listPage(all, { limit, starting_after: last }, list)
        forward.push(...page.data)
        more = page.has_more
      }
      expect(forward).toEqual(newestFirst)

      const backward = [newestFirst.at(-1) ?? '']
      for (let more = true; more; ) {
        const page = listPage(all, { limit, ending_before: backward[0] }, list)
        backward.unshift(...page.data)
        more = page.has_more
      }
      expect(backward).toEqual(newestFirst)
    }),
  )
})
