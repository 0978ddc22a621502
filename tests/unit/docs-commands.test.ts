import { describe, expect, test } from 'vitest'
import { createProgram } from '../../ops/program.ts'
import { readArguments } from '../../scripts/deploy/arguments.ts'
import { commandsOf, type Doc, readDocs } from '../support/documents.ts'

const program = createProgram()
const docs = await readDocs()

/** What follows `npm run ops --` in a document: words, with a place to fill in as one. */
const callsIn = (doc: Doc): string[][] =>
  commandsOf(doc).flatMap(line => {
    const call = /npm run (?:-s )?ops -- ([^|>&#]+?)\s*(?:[|>&#].*)?$/.exec(
      line.replace(/<[^>]+>|"[^"]*"/g, 'X'),
    )?.[1]
    return call === undefined || call === '…' ? [] : [call.split(/\s+/)]
  })

/** What commander would refuse of a call. */
const problemsOf = (words: readonly string[]): string[] => {
  const [name = '', ...rest] = words
  const command = program.commands.find(one => one.name() === name)
  if (!command) return [`${name}: no such command`]
  const { operands, unknown } = command.parseOptions(rest)
  const { registeredArguments } = command
  const required = registeredArguments.filter(argument => argument.required).length
  const isEnough = operands.length >= required && operands.length <= registeredArguments.length
  return [...unknown, ...(isEnough ? [] : ['arguments'])].map(problem => `${words.join(' ')}: ${problem}`)
}

/** What follows `./deploy.sh`; where a stage is left open it is `dev`. */
const deploymentsIn = (doc: Doc): string[][] =>
  commandsOf(doc).flatMap(line => {
    const call = /\.\/deploy\.sh (\S[^|>&#]*)/.exec(
      line.replace(/<stage>/g, 'dev').replace(/<[^>]+>/g, 'X'),
    )?.[1]
    return call === undefined ? [] : [call.trim().split(/\s+/)]
  })

const refusalOf = (words: readonly string[]): string[] => {
  try {
    readArguments(words, {})
    return []
  } catch (error) {
    return [`${words.join(' ')}: ${String(error).split('\n')[0]}`]
  }
}

const calling = docs
  .map(doc => ({ path: doc.path, calls: callsIn(doc) }))
  .filter(({ calls }) => calls.length > 0)

test('documents show what operators type', () => {
  expect(calling.length).toBeGreaterThan(0)
})

describe.each(calling)('$path', ({ calls }) => {
  test("shows only operators' commands, options and arguments that are there", () => {
    expect(calls.flatMap(problemsOf)).toEqual([])
  })
})

describe.each(docs.filter(doc => deploymentsIn(doc).length > 0))('$path', doc => {
  test('calls deploy.sh as it can be called', () => {
    expect(deploymentsIn(doc).flatMap(refusalOf)).toEqual([])
  })
})
