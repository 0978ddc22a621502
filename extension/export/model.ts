import type { Answer, Summary } from '../../src/contracts/transcription.ts'
import type { GapReason, TranscriptSegment, TranscriptSession } from '../transcript/model.ts'
import type { TranscriptRange } from '../transcript/range.ts'

export const exportFormats = ['txt', 'srt', 'vtt', 'json', 'md'] as const
export type ExportFormat = (typeof exportFormats)[number]

/** A question about the transcript, and what was answered. */
export interface AnsweredQuestion {
  readonly question: string
  readonly answer: Pick<Answer, 'answer' | 'cited'>
}

/** What a file says in the listener's language beside what was said in the captions. */
export interface ExportLabels {
  /** In place of captions, as in `[12 sec without captions: no network]`. */
  gap(reason: GapReason, milliseconds: number): string
  /** When the captions began. @param date in words */
  captionedOn(date: string): string
  /** What an answer rests on. @param timeStamps as in `0:12, 1:05` */
  cited(timeStamps: string): string
  readonly untitled: string
  readonly summary: string
  readonly transcript: string
  readonly questions: string
}

/** What is asked for. */
export interface TranscriptExport {
  readonly format: ExportFormat
  readonly session: TranscriptSession
  /** In order. */
  readonly segments: readonly TranscriptSegment[]
  /** Leaves out segments that lie outside of it. */
  readonly range?: TranscriptRange
  /** In Markdown and JSON. */
  readonly summary?: Summary
  /** In Markdown and JSON. */
  readonly answers?: readonly AnsweredQuestion[]
  /** Whether plain text has them; it does where absent. */
  readonly timeStamps?: boolean
  /** Of dates: a BCP 47 tag. */
  readonly language: string
  /** Of dates: an IANA name; the computer's where absent. */
  readonly timeZone?: string
  readonly labels: ExportLabels
}

/** A file, ready to be saved as UTF-8. */
export interface TranscriptFile {
  readonly fileName: string
  readonly mediaType: string
  readonly contents: string
}
