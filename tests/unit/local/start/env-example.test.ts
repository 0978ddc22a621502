import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { readSettings } from '../../../../local/settings.ts'

const projectFile = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url))

it('.env.example names every variable that the backend reads', async () => {
  const config = await readFile(projectFile('src/config.ts'), 'utf8')
  const names = [...config.matchAll(/^\s+(?:\w+: \(\) => z\.object\(\{ )?([A-Z][A-Z_]+): /gm)].map(
    ([, name]) => name,
  )
  const example = await readFile(projectFile('.env.example'), 'utf8')
  expect(names).toContain('JWT_SECRET')
  expect(names).toContain('STRIPE_WEBHOOK_SECRET')
  for (const name of names) expect(example).toMatch(new RegExp(`\\b${name}\\b`))
})

it('.env.example changes nothing when it is copied as it is', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'env-example-'))
  const without = await readSettings([], {}, dir)
  await copyFile(projectFile('.env.example'), join(dir, '.env'))
  expect(await readSettings([], {}, dir)).toEqual(without)
  await rm(dir, { recursive: true })
})
