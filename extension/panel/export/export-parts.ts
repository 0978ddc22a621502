import type { Summary } from '../../../src/contracts/transcription.ts'
import type { AnsweredQuestion, ExportFormat } from '../../export/model.ts'
import type { AssistantRequest } from '../../transcript/model.ts'
import { answerIn, catchupIn } from '../assistant/reading.ts'

/** Formats that can hold a summary and answers. */
export const holdsMore = (format: ExportFormat): boolean => format === 'md' || format === 'json'

/** The newest summary of a transcript and all answers about it, from its requests in the order of their asking. */
export function partsOf(requests: readonly AssistantRequest[]): {
  readonly summary?: Summary
  readonly answers: readonly AnsweredQuestion[]
} {
  const summary = requests
    .filter(({ body }) => body.kind === 'catchup_transcript')
    .map(request => catchupIn(request)?.summary)
    .findLast(found => found !== undefined)
  const answers = requests.flatMap(request => {
    const answer = answerIn(request)
    return request.body.kind === 'ask' && answer ? [{ question: request.body.question, answer }] : []
  })
  return summary === undefined ? { answers } : { summary, answers }
}
