import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { shellWord } from '../../../ops/shell-word.ts'

const run = promisify(execFile)

it.each([
  'ann@example.com',
  "o'brien@example.com",
  'Captions failed on Friday',
  'Paid $2.99 twice',
  `"It's" $HOME \`id\` \\ !`,
  '',
])('a shell reads %j as it is', async text => {
  const { stdout } = await run('bash', ['-c', `printf '%s' ${shellWord(text)}`])
  expect(stdout).toBe(text)
})

it('is told as people would type it', () => {
  expect(shellWord('Captions failed on Friday')).toBe('"Captions failed on Friday"')
})
