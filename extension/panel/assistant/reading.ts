import { askResponseSchema, catchupResponseSchema } from '../../../src/contracts/transcription.ts'
import type { AssistantRequest } from '../../transcript/model.ts'

/** What a catch-up has come to, as it was kept. */
export const catchupIn = ({ answer }: Pick<AssistantRequest, 'answer'>) =>
  catchupResponseSchema.safeParse(answer).data

/** What a question was answered, as it was kept. */
export const answerIn = ({ answer }: Pick<AssistantRequest, 'answer'>) =>
  askResponseSchema.safeParse(answer).data
