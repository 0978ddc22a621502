import type { Summary } from '../../src/contracts/transcription.ts'
import type { EndReason, GapReason } from '../transcript/model.ts'
import type { TranscriptExport } from './model.ts'

/**
 * The JSON file's shape. Fields may be added; what would break a reader raises `version`. Every field is always there,
 * null where nothing is known. `…_ms` count from `session.started_at`; `…_at` are ISO 8601 in UTC.
 */
export interface JsonTranscript {
  readonly version: 1
  readonly session: {
    readonly session_id: string
    readonly started_at: string
    /** Null while captions run. */
    readonly ended_at: string | null
    readonly end_reason: EndReason | null
    readonly page: { readonly title: string; readonly url: string; readonly channel: string | null }
  }
  /** What was chosen of the session; null: all. */
  readonly range: { readonly from_ms: number; readonly to_ms: number } | null
  readonly segments: readonly {
    readonly index: number
    readonly start_ms: number
    readonly end_ms: number
    /** A gap is a stretch without captions: its text is empty and `reason` says why. */
    readonly kind: 'speech' | 'gap'
    readonly text: string
    readonly speaker: string | null
    readonly reason: GapReason | null
  }[]
  readonly summary: Summary | null
  readonly questions: readonly {
    readonly question: string
    readonly answer: string
    /** `start_ms` of the segments that the answer rests on. */
    readonly cited: readonly number[]
  }[]
}

/** Without a byte order mark, which JSON forbids. */
export function json(request: TranscriptExport): string {
  const { session, segments, range, summary, answers = [] } = request
  const transcript: JsonTranscript = {
    version: 1,
    session: {
      session_id: session.sessionId,
      started_at: new Date(session.startedAtMs).toISOString(),
      ended_at: session.endedAtMs === undefined ? null : new Date(session.endedAtMs).toISOString(),
      end_reason: session.endReason ?? null,
      page: {
        title: session.page.title,
        url: session.page.url,
        channel: session.page.channel ?? null,
      },
    },
    range: range ? { from_ms: range.fromMs, to_ms: range.toMs } : null,
    segments: segments.map(segment => ({
      index: segment.index,
      start_ms: segment.startMs,
      end_ms: segment.endMs,
      kind: segment.kind,
      text: segment.text,
      speaker: segment.speaker ?? null,
      reason: segment.reason ?? null,
    })),
    summary: summary ?? null,
    questions: answers.map(({ question, answer }) => ({
      question,
      answer: answer.answer,
      cited: answer.cited,
    })),
  }
  return `${JSON.stringify(transcript, null, 2)}\n`
}
