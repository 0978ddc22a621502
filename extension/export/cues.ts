/** What viewers can read at a glance: the lengths that broadcasters keep to. */
const lineCharacters = 42
const linesPerCue = 2

/** What is shown at once, and when: at least a millisecond. */
export interface Cue {
  readonly startMs: number
  readonly endMs: number
  readonly lines: readonly string[]
}

/** A word, or a part of one that is too long for a line: that follows without a space. */
interface Token {
  readonly text: string
  readonly follows: boolean
}

/**
 * Cuts a text of one line into cues of two lines of at most 42 characters, each shown for as long as its share of the
 * characters says.
 */
export function cuesOf(text: string, startMs: number, endMs: number): Cue[] {
  const lines = balancedLines(text)
  const characters = lines.reduce((total, line) => total + line.length, 0)
  const from = Math.max(0, Math.round(startMs))
  const lengthMs = Math.max(0, Math.round(endMs) - from)
  const cues: Cue[] = []
  let before = 0
  for (let first = 0; first < lines.length; first += linesPerCue) {
    const ofCue = lines.slice(first, first + linesPerCue)
    const after = before + ofCue.reduce((total, line) => total + line.length, 0)
    const cueStartMs = from + Math.round((lengthMs * before) / characters)
    const cueEndMs = from + Math.round((lengthMs * after) / characters)
    cues.push({ startMs: cueStartMs, endMs: Math.max(cueEndMs, cueStartMs + 1), lines: ofCue })
    before = after
  }
  return cues
}

/** The fewest lines that hold a text, and among those the most even ones. */
function balancedLines(text: string): string[] {
  const tokens = tokensOf(text)
  let lines = wrapped(tokens, lineCharacters)
  for (let width = lineCharacters - 1; width > 0; width--) {
    const narrower = wrapped(tokens, width)
    if (narrower.length > lines.length) return lines
    lines = narrower
  }
  return lines
}

function wrapped(tokens: readonly Token[], width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const { text, follows } of tokens) {
    const longer = line + (line === '' || follows ? '' : ' ') + text
    if (line !== '' && longer.length > width) {
      lines.push(line)
      line = text
    } else line = longer
  }
  return line === '' ? lines : [...lines, line]
}

const tokensOf = (text: string): Token[] =>
  text
    .split(' ')
    .filter(word => word !== '')
    .flatMap(word =>
      partsOf(word, ['word', 'grapheme']).map((part, index) => ({ text: part, follows: index > 0 })),
    )

/** A word whole, or where it is too long for a line cut between words (as Japanese has them), else between characters. */
function partsOf(word: string, granularities: readonly ('word' | 'grapheme')[]): string[] {
  const [granularity, ...finer] = granularities
  if (word.length <= lineCharacters || granularity === undefined) return [word]
  const parts = Array.from(new Intl.Segmenter(undefined, { granularity }).segment(word), part => part.segment)
  return parts.length === 1 ? partsOf(word, finer) : parts.flatMap(part => partsOf(part, finer))
}
