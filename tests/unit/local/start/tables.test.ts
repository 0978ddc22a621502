import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { readTables } from '../../../../local/tables.ts'

const stage = 'somestage'

const serviceSchema = z.object({
  service: z.string(),
  custom: z.object({ tables: z.record(z.string(), z.string()) }),
  resources: z.object({
    Resources: z.record(
      z.string(),
      z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) }),
    ),
  }),
})

/** serverless.yml with the few variables of its tables put in by hand. */
async function readDefinition() {
  const text = await readFile(new URL('../../../../serverless.yml', import.meta.url), 'utf8')
  const raw = serviceSchema.parse(parse(text))
  const resolved = text
    .replaceAll(/\$\{self:custom\.tables\.(\w+)\}/g, (_all, name: string) => raw.custom.tables[name] ?? '')
    .replaceAll(/\$\{self:service\}/g, raw.service)
    .replaceAll(/\$\{sls:stage\}/g, stage)
  return serviceSchema.parse(parse(resolved))
}

describe('the tables on this machine', () => {
  it('are those of serverless.yml, without what only AWS can do', async () => {
    const definition = await readDefinition()
    const expected = Object.values(definition.resources.Resources)
      .filter(resource => resource.Type === 'AWS::DynamoDB::Table')
      .map(({ Properties }) => {
        const { SSESpecification, PointInTimeRecoverySpecification, ...table } = Properties
        return table
      })
    expect(expected.length).toBeGreaterThanOrEqual(4)
    expect(await readTables(stage)).toEqual(expected)
  })

  it('carry the stage in their names', async () => {
    const names = (await readTables(stage)).map(table => table.TableName)
    expect(names).not.toEqual([])
    for (const name of names) expect(name).toContain(`-${stage}-`)
  })
})
