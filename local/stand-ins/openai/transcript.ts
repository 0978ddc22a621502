/** One line of a transcript. */
export interface Line {
  /** When it begins, in milliseconds; null where the text carries no times. */
  startMs: number | null
  /** Who speaks; empty where the line doesn't say. */
  speaker: string
  /** What is said, without the speaker. */
  text: string
  /** The line as it stands after its time stamp, the speaker included. */
  whole: string
}

/** What a prompt asks about. */
export interface Material {
  /** Of a `Question: <text>` line; undefined when a summary is wanted. */
  question: string | undefined
  lines: Line[]
}

/** `[<start_ms>] <speaker>: <text>` or `[<start_ms>] <text>`. */
const timedLinePattern = /^\[(?<startMs>\d{1,15})\]\s+(?<whole>\S.*)$/

/** A name has at most three words, so that "What matters is this: …" has no speaker. */
const speakerPattern = /^(?<speaker>(?:[^\s:]+ ){0,2}[^\s:]+): +(?<text>\S.*)$/

const questionPattern = /^Question:\s*(?<question>.*\S)/m

/**
 * Reads a prompt: an optional line `Question: <text>`, an optional line `Transcript:`, and the transcript's lines.
 * What stands before `Transcript:` is never taken for a line of it. A text without timed lines is cut into sentences.
 */
export function readMaterial(text: string): Material {
  const [before, transcript] = splitAtHeading(text)
  const question = questionPattern.exec(before)?.groups?.question
  const body = transcript ?? before.replace(questionPattern, '')
  const timed = body.split('\n').flatMap(timedLine)
  return { question, lines: timed.length > 0 ? timed : sentences(body) }
}

function splitAtHeading(text: string): [before: string, transcript: string | undefined] {
  const heading = /^Transcript:[ \t]*\r?$/m.exec(text)
  if (heading === null) return [text, undefined]
  return [text.slice(0, heading.index), text.slice(heading.index + heading[0].length)]
}

function timedLine(row: string): Line[] {
  const groups = timedLinePattern.exec(row.trim())?.groups
  if (groups?.startMs === undefined || groups.whole === undefined) return []
  const { whole } = groups
  const named = speakerPattern.exec(whole)?.groups
  return [
    { startMs: Number(groups.startMs), speaker: named?.speaker ?? '', text: named?.text ?? whole, whole },
  ]
}

const sentenceSegmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

function sentences(text: string): Line[] {
  return Array.from(sentenceSegmenter.segment(text), ({ segment }) => segment.trim())
    .filter(sentence => sentence !== '')
    .map(sentence => ({ startMs: null, speaker: '', text: sentence, whole: sentence }))
}
