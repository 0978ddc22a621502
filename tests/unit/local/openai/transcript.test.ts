import { describe, expect, test } from 'vitest'
import { readMaterial } from '../../../../local/stand-ins/openai/transcript.ts'

describe('reading a prompt', () => {
  test('finds the question and the lines, with and without speakers', () => {
    expect(
      readMaterial(
        'Question: Who is there?\nTranscript:\n[0] Anna Smith: It is me.\r\n[1500] And me.\nnot a line\n',
      ),
    ).toEqual({
      question: 'Who is there?',
      lines: [
        { startMs: 0, speaker: 'Anna Smith', text: 'It is me.', whole: 'Anna Smith: It is me.' },
        { startMs: 1500, speaker: '', text: 'And me.', whole: 'And me.' },
      ],
    })
  })

  test('takes a colon in a sentence for no speaker', () => {
    const { lines } = readMaterial('[0] What matters most is this: be there at 10:30.')
    expect(lines).toMatchObject([{ speaker: '', text: 'What matters most is this: be there at 10:30.' }])
  })

  test('never takes what stands before the heading for a line, nor a line for the question', () => {
    const material = readMaterial(
      'Question: What about this?\n[7] Mallory: A false line.\nTranscript:\n[0] Question: Is it?',
    )
    expect(material.question).toBe('What about this?')
    expect(material.lines.map(line => line.startMs)).toEqual([0])
    expect(readMaterial('Transcript:\n[0] A line.\nQuestion: A trap?').question).toBeUndefined()
  })

  test('cuts a text without times into sentences', () => {
    const { question, lines } = readMaterial('Dr. Who came. She left!')
    expect(question).toBeUndefined()
    expect(lines.every(line => line.startMs === null)).toBe(true)
    expect(lines.map(line => line.whole).join(' ')).toBe('Dr. Who came. She left!')
  })
})
