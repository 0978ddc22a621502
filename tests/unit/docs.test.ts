import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { anchorOf, commandsOf, readDocs } from '../support/documents.ts'

const docs = await readDocs()
const byPath = new Map(docs.map(doc => [doc.path, doc]))
const scriptsSchema = z.object({ scripts: z.record(z.string(), z.string()) })
const { scripts } = scriptsSchema.parse(JSON.parse(await readFile(join(projectDir, 'package.json'), 'utf8')))
const serviceSchema = z.object({ functions: z.record(z.string(), z.unknown()) })
const functionNames = Object.keys(
  serviceSchema.parse(parse(await readFile(join(projectDir, 'serverless.yml'), 'utf8'))).functions,
)

const isThere = (path: string): boolean => existsSync(join(projectDir, path))
const isInside = (link: string): boolean => !/^(https?:|mailto:)/.test(link)
/** A path of the project that is named as such: no pattern, no place to fill in. */
const folders = 'src|tests|docs|scripts|local|bench|ops|extension|infra|\\.github'
const isProjectPath = (code: string): boolean => new RegExp(`^(?:${folders})/[\\w./-]+$`).test(code)

/** Where a link leads, and whether the heading is there that it names. */
const isGoodLink = (from: string, link: string): boolean => {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? from : normalize(join(dirname(from), path))
  if (!isThere(target)) return false
  return anchor === undefined || (byPath.get(target)?.headings.map(anchorOf).includes(anchor) ?? false)
}

describe.each(docs)('$path', doc => {
  test('links to what is there', () => {
    expect(doc.links.filter(isInside).filter(link => !isGoodLink(doc.path, link))).toEqual([])
  })

  test('names files that are there', () => {
    const named = doc.inlineCode.filter(isProjectPath)
    expect(named.filter(path => !isThere(path))).toEqual([])
  })

  test('shows npm scripts that are there', () => {
    const shown = commandsOf(doc).flatMap(
      command => /\bnpm (?:run (?:-s )?([\w:-]+)|(start|test)\b)/.exec(command)?.slice(1) ?? [],
    )
    expect(shown.filter(name => name !== undefined && !(name in scripts))).toEqual([])
  })

  test('shows benchmarks that are there', () => {
    const shown = commandsOf(doc).flatMap(command => /npm run bench -- ([\w-]+)/.exec(command)?.[1] ?? [])
    expect(shown.filter(name => !isThere(`bench/${name}.ts`))).toEqual([])
  })

  test('asks for logs of functions that are there', () => {
    const asked = commandsOf(doc).flatMap(
      command => /\.\/deploy\.sh \S+ logs ([\w-]+)/.exec(command)?.[1] ?? [],
    )
    expect(asked.filter(name => !functionNames.includes(name))).toEqual([])
  })
})

/** The documents that a document leads to: a folder leads to all that is in it. */
const ledTo = (path: string): string[] => {
  const targets = (byPath.get(path)?.links ?? [])
    .filter(isInside)
    .map(link => normalize(join(dirname(path), link.replace(/#.*/, ''))).replace(/\/$/, ''))
  return [...byPath.keys()].filter(other => targets.includes(other) || targets.includes(dirname(other)))
}

test('every document is led to from the README, or from one that is', () => {
  const reached = new Set(['README.md'])
  for (const path of reached) for (const other of ledTo(path)) reached.add(other)
  expect([...byPath.keys()].filter(path => !reached.has(path))).toEqual([])
})
