import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { monthlyBill } from '../../../../bench/cost/bill.ts'
import { documentFile, markdown, withTables } from '../../../../bench/cost/document.ts'
import { readMeasured } from '../../../../bench/cost/measured.ts'
import { monthOf } from '../../../../bench/cost/month.ts'
import { goal, tablesOf } from '../../../../bench/cost/tables.ts'

const measured = await readMeasured()
const document = await readFile(documentFile, 'utf8')

describe('docs/cost-model.md', () => {
  it.each(tablesOf(measured))(
    'has under "$name" what measurement and prices come to: `npm run bench -- cost --recorded --write`',
    table => {
      expect(document).toContain(
        `<!-- cost:${table.name} -->\n${markdown(table)}\n<!-- /cost:${table.name} -->`,
      )
    },
  )

  it('tells of a first month under the goal with the allowances that every account has', () => {
    expect(monthlyBill(monthOf(measured)).afterAllowance).toBeLessThan(goal)
  })
})

describe('a table in a document', () => {
  const table = { name: 'one', columns: ['a', 'b'], rows: [['1', '2']] }

  it('takes the place of what stood there, and of nothing else', () => {
    const before = 'Above\n<!-- cost:one -->\nold\n<!-- /cost:one -->\nBelow'
    const after = 'Above\n<!-- cost:one -->\n| a | b |\n| --- | --- |\n| 1 | 2 |\n<!-- /cost:one -->\nBelow'
    expect(withTables(before, [table])).toBe(after)
    expect(withTables(after, [table])).toBe(after)
  })

  it('is refused where the document has no place for it', () => {
    expect(() => withTables('Above', [table])).toThrow('no place for one')
  })
})
