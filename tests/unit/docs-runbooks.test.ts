import { glob, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { eventAgeMs, fetchRunMs, workerRunMs } from '../../src/timing.ts'
import { readDocs } from '../support/documents.ts'

const folder = 'docs/runbooks/'
/** As much as fits on a page that somebody reads at night. */
const longestLines = 80
const shape = ['What it means', 'What listeners notice', 'Look first', 'Mend', 'Afterwards']

const docs = (await readDocs()).filter(({ path }) => path.startsWith(folder))
const index = docs.find(({ path }) => path === `${folder}README.md`)
const runbooks = docs.filter(doc => doc !== index).map(doc => ({ name: basename(doc.path, '.md'), ...doc }))

const readAll = async (patterns: string[]): Promise<string> => {
  const texts: string[] = []
  for await (const path of glob(patterns, { cwd: projectDir })) {
    texts.push(await readFile(join(projectDir, path), 'utf8'))
  }
  return texts.join('\n')
}
const sources = await readAll(['src/**/*.ts'])

/** The codes that a query filters by. */
const codesIn = (query: string): string[] =>
  [...query.matchAll(/\bcode (?:= ('[^']+')|in \[([^\]]+)\])/g)].flatMap(([, one, several]) =>
    [...(one ?? several ?? '').matchAll(/'([^']+)'/g)].map(([, code = '']) => code),
  )

const isLogged = (code: string): boolean => sources.includes(`'${code}'`)

describe.each(runbooks)('$name', ({ name, text, headings, blocks }) => {
  test('has the shape of all of them, under its own name', () => {
    expect(headings).toEqual([name, ...shape])
  })

  test('says something under each heading, on one page', () => {
    const sections = text.split(/^#+ .+$/m).slice(2)
    expect(sections.map(section => section.trim().length > 0)).toEqual(shape.map(() => true))
    expect(text.trimEnd().split('\n').length).toBeLessThanOrEqual(longestLines)
  })

  test('asks the logs for codes that are logged', () => {
    const queries = blocks.filter(({ language }) => language === 'logs').map(block => block.text)
    expect(queries.flatMap(codesIn).filter(code => !isLogged(code))).toEqual([])
  })

  test('is in the index', () => {
    expect(index?.links).toContain(`${name}.md`)
  })
})

const alarmSchema = z.object({
  Properties: z.object({ AlarmName: z.string(), AlarmDescription: z.string() }),
})
const alarmsSchema = z.object({ Resources: z.record(z.string(), alarmSchema) })
const makeAlarms: unknown = createRequire(import.meta.url)('../../infra/alarms.cjs')

/** CloudWatch's alarms, and the budget's and the bill's, which are of other services. */
const readAlarms = async (): Promise<{ name: string; description: string }[]> => {
  if (typeof makeAlarms !== 'function') throw new Error('infra/alarms.cjs makes no alarms.')
  const made = alarmsSchema.parse(await makeAlarms({ resolveVariable: async () => 'prod' }))
  return Object.values(made.Resources).map(
    ({ Properties: { AlarmName: name, AlarmDescription: description } }) => ({
      name,
      description,
    }),
  )
}

test('every alarm has the runbook that it names, under its own name, by what it is in the index', async () => {
  const alarms = await readAlarms()
  const names = alarms.map(({ name }) => name.replace('live-transcription-prod-', ''))
  expect(alarms.map(({ description }) => /docs\/runbooks\/([\w-]+)\.md/.exec(description)?.[1])).toEqual(
    names,
  )
  const byAlarm = index?.text.split('## By what is to be done')[0] ?? ''
  const indexed = [...byAlarm.matchAll(/\]\(([\w-]+)\.md\)/g)].map(([, name = '']) => name)
  expect(indexed.sort()).toEqual([...names, 'budget', 'cost-anomaly'].sort())
})

test('the runbook of throttled functions says for how long Lambda tries to start them', () => {
  const [fetchMinutes, summaryMinutes] = [fetchRunMs, workerRunMs].map(runMs =>
    Math.floor(eventAgeMs(runMs) / 60_000),
  )
  const text = runbooks.find(({ name }) => name === 'lambda-throttles')?.text.replaceAll('\n', ' ')
  expect(text).toContain(
    `tries to start a fetch for ${fetchMinutes} minutes and a summary for ${summaryMinutes},`,
  )
})
