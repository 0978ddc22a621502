import type { SessionView } from '../../captions/view.ts'
import type { SegmentList } from './segment-list.ts'

/**
 * What is said now and not final yet. It is left out where its final form is in the list already: the two are told of
 * one after the other.
 */
export function partialAfter(
  list: SegmentList,
  { partialText, partialStartMs }: Pick<SessionView, 'partialText' | 'partialStartMs'>,
): string {
  const last = list.at(-1)
  return last !== undefined && partialStartMs <= last.startMs ? '' : partialText
}
