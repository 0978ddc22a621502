import type { GapReason, TranscriptSegment } from '../transcript/model.ts'

/** After this long with nothing new, captions go. */
export const quietMs = 6_000
/** They take this long to fade. */
export const fadeMs = 600
/** Words that were taken back stay so long: what replaces them is usually on its way. */
const withdrawnMs = 1_500
/** After a pause of this length, what is said begins on a line of its own. */
const pauseMs = 2_000
/** A paragraph of this length is not gone on with: whole ones can leave without moving the words of the others. */
const paragraphCharacters = 400
/** As many as there can be lines. */
const keptParagraphs = 8

/** A stretch of sound that has no captions. */
export interface CaptionGap {
  readonly reason: GapReason
  readonly durationMs: number
}

interface Paragraph {
  readonly id: number
  /** What is final of it. */
  readonly finals: readonly string[]
  readonly gap?: CaptionGap
}

interface HeardText {
  readonly text: string
  /** From the session's start. */
  readonly startMs: number
}

interface PartialText extends HeardText {
  readonly paragraphId: number
  /** Since when the engine no longer tells of it, without a final segment in its place. */
  readonly withdrawnAtMs?: number
}

/**
 * What an overlay shows of one session. Its times are of the page's clock, but for those that say otherwise.
 */
export interface CaptionLines {
  readonly paragraphs: readonly Paragraph[]
  readonly partial: PartialText | undefined
  /** The partial text as the engine last told it. */
  readonly heard: HeardText
  /** Of the newest segment. */
  readonly lastIndex: number
  /** From the session's start: a partial that begins by then is part of a segment that is final already. */
  readonly coveredUntilMs: number
  /** From the session's start: the end of the newest segment. */
  readonly spokenUntilMs: number
  readonly nextParagraphId: number
  readonly changedAtMs: number
}

export const noCaptions: CaptionLines = {
  paragraphs: [],
  partial: undefined,
  heard: { text: '', startMs: 0 },
  lastIndex: -1,
  coveredUntilMs: Number.NEGATIVE_INFINITY,
  spokenUntilMs: Number.NEGATIVE_INFINITY,
  nextParagraphId: 0,
  changedAtMs: Number.NEGATIVE_INFINITY,
}

/** What is shown at a moment: the oldest paragraph first. A gap has no text. */
export interface ShownCaptions {
  readonly paragraphs: readonly { readonly id: number; readonly text: string; readonly gap?: CaptionGap }[]
  readonly isFading: boolean
}

/** A segment has become final. One that is known already changes nothing; it takes the place of its partial text. */
export function withSegment(lines: CaptionLines, segment: TranscriptSegment, nowMs: number): CaptionLines {
  if (segment.index <= lines.lastIndex) return lines
  const noted = skipSegment(settled(lines, nowMs), segment)
  if (segment.kind === 'gap') return withGap(noted, segment, nowMs)
  if (segment.text === '') return noted
  const [opened, paragraphId] = paragraphFor(noted, segment.startMs, lines.spokenUntilMs)
  return {
    ...opened,
    paragraphs: opened.paragraphs.map(paragraph =>
      paragraph.id === paragraphId
        ? { ...paragraph, finals: [...paragraph.finals, segment.text] }
        : paragraph,
    ),
    partial: opened.partial && leftOf(opened.partial, segment, noted.coveredUntilMs),
    changedAtMs: nowMs,
  }
}

/** Takes note of a segment that was said too long ago to be shown. */
export const skipSegment = (lines: CaptionLines, segment: TranscriptSegment): CaptionLines => ({
  ...lines,
  lastIndex: Math.max(lines.lastIndex, segment.index),
  coveredUntilMs:
    segment.kind === 'gap'
      ? lines.coveredUntilMs
      : Math.max(lines.coveredUntilMs, (segment.startMs + segment.endMs) / 2),
  spokenUntilMs: Math.max(lines.spokenUntilMs, segment.endMs),
})

/** The engine tells what is said and not final yet; an empty text takes it back. */
export function withPartial(lines: CaptionLines, heard: HeardText, nowMs: number): CaptionLines {
  if (heard.text === lines.heard.text && heard.startMs === lines.heard.startMs) return lines
  const noted = { ...settled(lines, nowMs), heard }
  if (heard.text === '') return withdrawn(noted, nowMs)
  if (heard.startMs <= lines.coveredUntilMs) return noted
  const [opened, paragraphId] = paragraphFor(noted, heard.startMs, lines.spokenUntilMs)
  return {
    ...opened,
    partial: { text: heard.text, startMs: heard.startMs, paragraphId },
    changedAtMs: nowMs,
  }
}

/** What is shown now. */
export function shownCaptions(lines: CaptionLines, nowMs: number): ShownCaptions {
  const quietForMs = nowMs - lines.changedAtMs
  if (quietForMs >= quietMs + fadeMs) return { paragraphs: [], isFading: false }
  const partial = isGone(lines.partial, nowMs) ? undefined : lines.partial
  const paragraphs = lines.paragraphs
    .map(({ id, finals, gap }) => ({
      id,
      text: [...finals, ...(partial?.paragraphId === id ? [partial.text] : [])].join(' '),
      ...(gap ? { gap } : {}),
    }))
    .filter(({ text, gap }) => text !== '' || gap)
  return { paragraphs, isFading: quietForMs >= quietMs }
}

/** When what is shown changes by itself; nothing if it doesn't. */
export function captionsChangeAtMs(lines: CaptionLines, nowMs: number): number | undefined {
  const moments = [lines.changedAtMs + quietMs, lines.changedAtMs + quietMs + fadeMs]
  if (lines.partial?.withdrawnAtMs !== undefined) moments.push(lines.partial.withdrawnAtMs + withdrawnMs)
  const coming = moments.filter(atMs => atMs > nowMs)
  return coming.length === 0 ? undefined : Math.min(...coming)
}

/** What is still to come of a partial text of which a segment is final: the words that follow the segment's own. */
function leftOf(
  partial: PartialText,
  segment: TranscriptSegment,
  coveredUntilMs: number,
): PartialText | undefined {
  if (partial.startMs > coveredUntilMs) return partial
  const words = partial.text.split(' ')
  const final = segment.text.split(' ')
  const isBeginning = final.every((word, index) => bare(word) === bare(words[index] ?? ''))
  return isBeginning && words.length > final.length
    ? { ...partial, text: words.slice(final.length).join(' '), startMs: segment.endMs }
    : undefined
}

/** A word without what changes about it when it becomes final. */
const bare = (word: string): string => word.toLowerCase().replaceAll(/[^\p{L}\p{M}\p{N}]/gu, '')

/** Forgets what is no longer shown, so that it doesn't come back with what follows. */
function settled(lines: CaptionLines, nowMs: number): CaptionLines {
  if (nowMs - lines.changedAtMs >= quietMs) return { ...lines, paragraphs: [], partial: undefined }
  return isGone(lines.partial, nowMs) ? { ...lines, partial: undefined } : lines
}

const isGone = (partial: PartialText | undefined, nowMs: number): boolean =>
  partial?.withdrawnAtMs !== undefined && nowMs - partial.withdrawnAtMs >= withdrawnMs

const withdrawn = (lines: CaptionLines, nowMs: number): CaptionLines =>
  lines.partial ? { ...lines, partial: { ...lines.partial, withdrawnAtMs: nowMs } } : lines

function withGap(lines: CaptionLines, segment: TranscriptSegment, nowMs: number): CaptionLines {
  const gap = { reason: segment.reason ?? 'interrupted', durationMs: segment.endMs - segment.startMs }
  return { ...withParagraph(lines, { id: lines.nextParagraphId, finals: [], gap }), changedAtMs: nowMs }
}

/** The paragraph that what begins at a moment belongs to, opened if need be. A partial's stays its own. */
function paragraphFor(
  lines: CaptionLines,
  startMs: number,
  spokenUntilMs: number,
): readonly [lines: CaptionLines, paragraphId: number] {
  if (lines.partial) return [lines, lines.partial.paragraphId]
  const newest = lines.paragraphs.at(-1)
  const isPaused = startMs - spokenUntilMs > pauseMs
  if (newest && (isEmpty(newest) || (isOpen(newest) && !isPaused))) return [lines, newest.id]
  return [withParagraph(lines, { id: lines.nextParagraphId, finals: [] }), lines.nextParagraphId]
}

const isEmpty = ({ finals, gap }: Paragraph): boolean => !gap && finals.length === 0

const isOpen = ({ finals, gap }: Paragraph): boolean => !gap && finals.join(' ').length < paragraphCharacters

const withParagraph = (lines: CaptionLines, paragraph: Paragraph): CaptionLines => ({
  ...lines,
  paragraphs: [...lines.paragraphs, paragraph].slice(-keptParagraphs),
  nextParagraphId: lines.nextParagraphId + 1,
})
