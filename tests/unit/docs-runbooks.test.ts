import { glob, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectDir } from '../../local/paths.ts'
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
const infrastructure = await readAll(['serverless.yml', 'infra/**/*.{yml,yaml}'])

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

test('every alarm has its runbook, and the runbook names itself so', () => {
  const alarms = [...infrastructure.matchAll(/docs\/runbooks\/([\w-]+)\.md/g)].map(([, name = '']) => name)
  expect(alarms.length).toBeGreaterThan(0)
  expect(alarms.filter(alarm => !runbooks.some(({ name }) => name === alarm))).toEqual([])
})
