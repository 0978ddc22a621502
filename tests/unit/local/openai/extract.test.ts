import { describe, expect, test } from 'vitest'
import { contentStems, extract } from '../../../../local/stand-ins/openai/extract.ts'
import { readMaterial } from '../../../../local/stand-ins/openai/transcript.ts'

function startsOf(prompt: string): (number | null)[] {
  return extract(readMaterial(prompt)).lines.map(line => line.startMs)
}

describe('the extractive model', () => {
  test('compares words by their stems and leaves out stop words', () => {
    expect(contentStems('They were walking to the Houses.')).toEqual(contentStems('walks house'))
  })

  test('sums up with the lines that share the most with the others', () => {
    const prompt = [
      '[0] Hello there.',
      '[1000] The storm closed the harbour and the ferry to the island.',
      '[2000] My brother likes cheese.',
      '[3000] The ferry company says that the storm damaged the harbour.',
      '[4000] The island waits for the ferry until the storm is over.',
      '[5000] Nice.',
    ].join('\n')
    expect(startsOf(prompt)).toEqual([1000, 3000, 4000])
  })

  test('does not repeat what was said twice', () => {
    expect(
      startsOf('[0] Buy two tickets.\n[1000] Buy two tickets!\n[2000] The tickets are sold out.'),
    ).toEqual([0, 2000])
  })

  test('picks at most seven lines of a long transcript', () => {
    const prompt = Array.from(
      { length: 200 },
      (_, index) => `[${index * 1000}] Town number ${index} voted on the bridge.`,
    )
    expect(startsOf(prompt.join('\n'))).toHaveLength(7)
  })

  test('finds a stop word by another form of it', () => {
    const prompt = 'Question: What is moving?\nTranscript:\n[0] They sing.\n[1000] The ships move.'
    expect(startsOf(prompt)).toEqual([1000])
  })

  test('finds a speaker by name', () => {
    const prompt =
      'Question: What did Carla do?\nTranscript:\n[0] Ben: I sleep.\n[1000] Carla: I built a boat.'
    expect(startsOf(prompt)).toEqual([1000])
  })

  test('answers a question without a subject with a summary', () => {
    const prompt =
      'Question: What is this about?\nTranscript:\n[0] The harbour is closed.\n[1000] The harbour opens on Monday.'
    expect(startsOf(prompt)).toEqual([0, 1000])
  })

  test('finds nothing where too few of the words match', () => {
    const prompt = 'Question: How tall is the mayor of Rome?\nTranscript:\n[0] The mayor is late.'
    expect(startsOf(prompt)).toEqual([])
    expect(startsOf('Question: Who?\nTranscript:\n')).toEqual([])
  })
})
