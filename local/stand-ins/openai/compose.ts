import type { Extract } from './extract.ts'

/** Every text that the stand-in makes up begins with this, so that nobody takes it for a language model's. */
export const label = 'Extract (local stand-in): '

const nothingFound = { summary: 'there is nothing to sum up.', answer: 'the transcript does not say.' }

const headlineMaxLength = 160

/** The answer without a schema: the lines, one below the other. */
export function plainText({ task, lines }: Extract): string {
  if (lines.length === 0) return label + nothingFound[task]
  if (task === 'answer') return label + lines.map(line => line.whole).join(' ')
  return [label.trimEnd(), ...lines.map(line => `- ${line.whole}`)].join('\n')
}

/**
 * One labelled text that stands for the whole: of a question the answer, of a summary a headline.
 *
 * @param rank 0 for the best; a schema with several texts gets the next best lines, and the first again at the end
 */
export function singleText(extract: Extract, rank: number): string {
  const line = extract.ranked[rank % Math.max(1, extract.ranked.length)]
  if (line === undefined || extract.task === 'answer') return plainText(extract)
  return label + shorten(line.text, headlineMaxLength)
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Cuts a text to at most `maxLength` UTF-16 units, at a space where one is near, with "…" at the cut. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  let cut = ''
  for (const { segment } of graphemes.segment(text)) {
    if (cut.length + segment.length + 1 > maxLength) break
    cut += segment
  }
  const lastSpace = cut.lastIndexOf(' ')
  const whole = lastSpace > maxLength / 2 ? cut.slice(0, lastSpace) : cut
  return maxLength === 0 ? '' : `${whole}…`
}
