import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import * as z from 'zod'
import { openState } from '../../../../local/stand-ins/state.ts'

const schema = z.object({ names: z.array(z.string()) })
let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'state-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('what was saved is there after the file is opened again', async () => {
  const file = join(directory, 'deep', 'state.json')
  const first = await openState(file, schema, { names: [] })
  first.data.names.push('ada')
  await first.save()

  const second = await openState(file, schema, { names: [] })
  expect(second.data).toEqual({ names: ['ada'] })
})

test('many saves at once end with the last change on disk and no temporary file', async () => {
  const file = join(directory, 'state.json')
  const state = await openState(file, schema, { names: [] })
  const saves = Array.from({ length: 50 }, (_, index) => {
    state.data.names.push(String(index))
    return state.save()
  })
  await Promise.all(saves)

  expect(schema.parse(JSON.parse(await readFile(file, 'utf8'))).names).toHaveLength(50)
  expect(await readdir(directory)).toEqual(['state.json'])
})

test('without a file the state is kept in memory and the initial value is not changed', async () => {
  const initial: z.infer<typeof schema> = { names: [] }
  const state = await openState(undefined, schema, initial)
  state.data.names.push('ada')
  await state.save()

  expect(state.data.names).toEqual(['ada'])
  expect(initial.names).toEqual([])
})

test.each([
  ['is not JSON', '{"names": ['],
  ['does not fit the schema', '{"names": [1]}'],
])('a file that %s is refused by name and left as it is', async (_what, content) => {
  const file = join(directory, 'state.json')
  await writeFile(file, content)

  await expect(openState(file, schema, { names: [] })).rejects.toThrow(file)
  expect(await readFile(file, 'utf8')).toBe(content)
})
