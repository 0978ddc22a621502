import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { projectDir } from '../../local/paths.ts'
import { shellBlocksOf } from '../support/readme.ts'

/** Sections of the README with commands, and what in which test runs them. */
const runBy: Record<string, { readonly file: string; readonly text: string }> = {
  'Two commands': { file: 'tests/e2e/support.ts', text: "spawn('npm', ['start'" },
  'The API': { file: 'tests/e2e/backend/npm-start.test.ts', text: "'The API'" },
  'Live captions': { file: 'tests/e2e/backend/npm-start.test.ts', text: "'Live captions'" },
  'Catching up on a stream': {
    file: 'tests/e2e/backend/npm-start.test.ts',
    text: "'Catching up on a stream'",
  },
  Operating: { file: 'tests/e2e/backend/ops.test.ts', text: "'Operating'" },
  Deploying: { file: 'tests/e2e/backend/deployment.test.ts', text: "'Deploying'" },
}

const read = (name: string): Promise<string> => readFile(join(projectDir, name), 'utf8')

test('every command in the README is run by a test', async () => {
  const sections = (await read('README.md')).split('\n## ')
  const headings = sections
    .filter(section => shellBlocksOf(section).length > 0)
    .map(section => section.split('\n')[0] ?? '')
  expect(headings).toEqual(Object.keys(runBy))
  for (const { file, text } of Object.values(runBy)) expect(await read(file), file).toContain(text)
})
