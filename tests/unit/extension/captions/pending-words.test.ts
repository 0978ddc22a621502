import { expect, it } from 'vitest'
import { inSequence } from '../../../../extension/captions/pending-words.ts'
import { textOf } from '../../../../extension/captions/word.ts'

it('what two lines understand of the same sound is shown once, in order, after what is written', () => {
  const word = (text: string, startMs: number) => ({ text, startMs, endMs: startMs + 280 })
  const pending = [word('to', 600), word('be', 900), word('or', 1_200), word('bee', 920), word('not', 1_500)]
  expect(textOf(inSequence(pending, 800))).toBe('be or not')
})
