import { type ReadonlySignal, signal } from '@preact/signals'
import type { ProblemView } from '../../captions/view.ts'
import { problemOf } from '../../messages/problem.ts'
import type { TranscriptSegment } from '../../transcript/model.ts'
import type { TranscriptStore } from '../../transcript/store.ts'
import { firstMissing, type SegmentList, withSegments } from './segment-list.ts'

/** A session's transcript as it is stored and goes on. */
export interface Transcript {
  readonly sessionId: string
  readonly segments: ReadonlySignal<SegmentList>
  /** Whether all that was stored has been read once. */
  readonly loaded: ReadonlySignal<boolean>
  readonly problem: ReadonlySignal<ProblemView | undefined>
  /** Adds a segment that has just become final; where one before it is missing, that is read from the store. */
  take(segment: TranscriptSegment): void
  /** Reads from the store what is not known yet. */
  refresh(): Promise<void>
}

/** Brings together what is stored of a session and what is told of it. Nothing is read before `refresh`. */
export function createTranscript(sessionId: string, store: Pick<TranscriptStore, 'segments'>): Transcript {
  const segments = signal<SegmentList>([])
  const loaded = signal(false)
  const problem = signal<ProblemView>()
  let reading: Promise<void> | undefined

  const read = async (): Promise<void> => {
    try {
      const fromIndex = loaded.value ? (firstMissing(segments.value) ?? segments.value.length) : 0
      const stored = await store.segments(sessionId, fromIndex)
      segments.value = withSegments(segments.value, stored)
      loaded.value = true
      problem.value = undefined
    } catch (error) {
      problem.value = problemOf(error).view
    }
  }

  const refresh = (): Promise<void> => {
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    sessionId,
    segments,
    loaded,
    problem,
    refresh,
    take: segment => {
      segments.value = withSegments(segments.value, [segment])
      if (loaded.value && firstMissing(segments.value) !== undefined) void refresh()
    },
  }
}
