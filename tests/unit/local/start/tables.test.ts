import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { readServiceDefinition } from '../../../../local/service-definition.ts'
import { readTables, recoverableTablesOf } from '../../../../local/tables.ts'

const stage = 'somestage'

const serviceSchema = z.object({
  service: z.string(),
  custom: z.object({ tables: z.record(z.string(), z.string()) }),
})
const tablesSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()) }),
  ),
})

const readText = (file: string) => readFile(new URL(`../../../../${file}`, import.meta.url), 'utf8')

/** The tables' file with the few variables in it put in by hand. */
async function readDefinition() {
  const { service, custom } = serviceSchema.parse(parse(await readText('serverless.yml')))
  const resolved = (await readText('infra/tables.yml'))
    .replaceAll(/\$\{self:custom\.tables\.(\w+)\}/g, (_all, name: string) => custom.tables[name] ?? '')
    .replaceAll(/\$\{self:custom\.tablesSuffix\}/g, '')
    .replaceAll(/\$\{self:service\}/g, service)
    .replaceAll(/\$\{sls:stage\}/g, stage)
  return tablesSchema.parse(parse(resolved))
}

describe('the tables on this machine', () => {
  it('are those of serverless.yml, without what only AWS can do', async () => {
    const definition = await readDefinition()
    const expected = Object.values(definition.Resources)
      .filter(resource => resource.Type === 'AWS::DynamoDB::Table')
      .map(({ Properties }) => {
        const {
          SSESpecification,
          PointInTimeRecoverySpecification,
          DeletionProtectionEnabled,
          Tags,
          ...table
        } = Properties
        return table
      })
    expect(expected.length).toBeGreaterThanOrEqual(4)
    expect(await readTables(stage)).toEqual(expected)
  })

  it('can be had back where serverless.yml has them kept: the ledger’s, and by their later names', async () => {
    const names = recoverableTablesOf(await readServiceDefinition(stage, '-r1'))
    const expected = ['users', 'usage', 'transactions'].map(
      table => `live-transcription-${stage}-${table}-r1`,
    )
    expect(names.sort()).toEqual(expected.sort())
  })

  it('carry the stage in their names', async () => {
    const names = (await readTables(stage)).map(table => table.TableName)
    expect(names).not.toEqual([])
    for (const name of names) expect(name).toContain(`-${stage}-`)
  })
})
