import { useRef } from 'preact/hooks'
import { type TextKey, text } from '../../ui/text.ts'
import { channelProgress } from './progress.ts'
import { isUnderWay, type RequestState } from './request-state.ts'

/**
 * What a screen reader is told of the newest request: each step once, not each minute of it, and that it is done if it
 * was seen under way. What went wrong is told as an alert.
 */
export function useSpokenStatus(newest: RequestState | undefined, ready: TextKey): string {
  const seen = useRef<string | undefined>(undefined)
  if (!newest) return ''
  const { operationId } = newest.request
  if (isUnderWay(newest)) {
    seen.current = operationId
    return underWayText(newest)
  }
  return newest.standing.name === 'answered' && seen.current === operationId ? text(ready) : ''
}

function underWayText({ request, standing }: RequestState): string {
  if (standing.name === 'waiting') return text('panel_waiting')
  if (request.body.kind === 'ask') return text('panel_answering')
  if (request.body.kind === 'catchup_transcript') return text('panel_summarising')
  const progress = standing.name === 'working' ? standing.progress : undefined
  return text(`panel_stage_${channelProgress(progress).stage}`)
}
