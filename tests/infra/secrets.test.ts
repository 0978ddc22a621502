import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { strFromU8, unzipSync } from 'fflate'
import { expect, inject, test } from 'vitest'
import { functionsOf, readTemplate } from '../support/cloudformation.ts'
import { packagedExtensionId, secretMarkers } from '../support/packaged-service.ts'

const { dev } = inject('packagedStages')
const files = (await readdir(dev)).sort()
const zips = files.filter(name => name.endsWith('.zip'))
const functions = functionsOf(await readTemplate(dev), 'dev')

const unzip = async (name: string): Promise<Map<string, string>> => {
  const entries = unzipSync(await readFile(join(dev, name)))
  return new Map(Object.entries(entries).map(([path, bytes]) => [path, strFromU8(bytes)]))
}

const secretsIn = (text: string): string[] =>
  Object.entries(secretMarkers).flatMap(([name, marker]) => (text.includes(marker) ? [name] : []))

test('what is packaged is a zip for each function, the template and the state', () => {
  expect(zips).toEqual([...functions.keys()].map(name => `${name}.zip`).sort())
  expect(files.filter(name => !zips.includes(name))).toEqual([
    'cloudformation-template-update-stack.json',
    'serverless-state.json',
  ])
})

test.each(files.filter(name => name.endsWith('.json')))('%s holds no secret, in any stage', async name => {
  for (const directory of Object.values(inject('packagedStages'))) {
    expect(secretsIn(await readFile(join(directory, name), 'utf8'))).toEqual([])
  }
})

const entries = [...functions.keys()].map(name => `src/handlers/entries/${name}.mjs`)

test.each(zips)('%s holds one entry, its own, nothing but bundled code, and no secret', async name => {
  const unzipped = await unzip(name)
  const paths = [...unzipped.keys()]
  expect(paths.filter(path => entries.includes(path))).toEqual([
    `src/handlers/entries/${basename(name, '.zip')}.mjs`,
  ])
  expect(paths.filter(path => !/^src\/handlers\/entries\/[\w.-]+\.mjs$/.test(path))).toEqual([])
  expect([...unzipped.values()].flatMap(secretsIn)).toEqual([])
})

test.each(
  [...functions].map(([name, { properties }]) => ({ name, variables: properties.Environment.Variables })),
)('$name is told where its secrets are, and none of them', ({ variables }) => {
  expect(variables).toMatchObject({
    SECRETS_PATH: '/live-transcription/dev',
    EXTENSION_ID: packagedExtensionId,
  })
  expect(Object.keys(variables).filter(name => name in secretMarkers)).toEqual([])
})
