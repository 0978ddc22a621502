import { lastMinutes, type TranscriptRange } from '../../transcript/range.ts'
import type { SegmentList } from '../transcript/segment-list.ts'

/** How much of a transcript is meant. */
export type RangeChoice =
  | { readonly name: 'all' }
  | { readonly name: 'last'; readonly minutes: number }
  /** As the listener has written them. */
  | { readonly name: 'between'; readonly from: string; readonly to: string }

/** The stretch that is meant; undefined where what was written is none. */
export function rangeOf(choice: RangeChoice, segments: SegmentList): TranscriptRange | undefined {
  switch (choice.name) {
    case 'all':
      return lastMinutes(segments, 'all')
    case 'last':
      return lastMinutes(segments, choice.minutes)
    case 'between': {
      const fromMs = parseTimeStamp(choice.from)
      const toMs = parseTimeStamp(choice.to)
      if (fromMs === undefined || toMs === undefined || toMs < fromMs) return undefined
      // A stamp names a second, and that is meant to its end.
      return { fromMs, toMs: toMs + 1_000 }
    }
  }
}

/** The milliseconds of a time stamp as `0:07`, `12:34` or `1:02:03`; undefined for anything else. */
export function parseTimeStamp(stamp: string): number | undefined {
  const parts = /^(?:(\d{1,3}):)?(\d{1,3}):(\d{2})$/.exec(stamp.trim())
  if (!parts) return undefined
  const [hours, minutes, seconds] = [parts[1] ?? '0', parts[2], parts[3]].map(Number)
  if (hours === undefined || minutes === undefined || seconds === undefined) return undefined
  if (seconds > 59 || (parts[1] !== undefined && minutes > 59)) return undefined
  return ((hours * 60 + minutes) * 60 + seconds) * 1_000
}
