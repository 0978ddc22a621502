import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { zipOf } from '../../../../extension/build/zip.ts'

const contents = { 'a.txt': 'one', 'folder/b.txt': 'two', 'folder/deeper/c.txt': '' }

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'zip-'))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(root, { recursive: true })
})

/** Writes the same files, in an order and at a time of its own. */
const write = async (name: string, entries: [string, string][], time: Date): Promise<string> => {
  const dir = join(root, name)
  await mkdir(join(dir, 'folder', 'deeper'), { recursive: true })
  for (const [file, text] of entries) {
    await writeFile(join(dir, file), text)
    await utimes(join(dir, file), time, time)
  }
  return dir
}

it('a zip holds every file of a folder, under its path there', async () => {
  const zip = unzipSync(await zipOf(await write('dir', Object.entries(contents), new Date())))
  const texts = Object.fromEntries(Object.entries(zip).map(([file, bytes]) => [file, strFromU8(bytes)]))
  expect(texts).toEqual(contents)
})

it('a zip is the same whenever, wherever and in whatever order its files were written', async () => {
  const first = await write('first', Object.entries(contents), new Date('2026-01-01'))
  const second = await write('second', Object.entries(contents).reverse(), new Date('2031-07-07'))
  vi.stubEnv('TZ', 'America/Los_Angeles')
  const here = await zipOf(first)
  vi.stubEnv('TZ', 'Pacific/Kiritimati')
  expect(await zipOf(second)).toEqual(here)
})
