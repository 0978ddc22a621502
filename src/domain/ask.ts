import { type Answer, type AskRequest, type AskResponse, answerSchema } from '../contracts/transcription.ts'
import { creditsAvailable } from './account.ts'
import { DomainError, UpstreamError, upstreamProblem } from './errors.ts'
import type { UsageRow } from './journal.ts'
import type { Ledger } from './ledger.ts'
import type { Clock, FailureMeter, LanguageModel, Reservation } from './ports.ts'
import { priceList } from './price-list.ts'

export interface AskDependencies {
  readonly ledger: Ledger
  readonly model: LanguageModel
  readonly now: Clock
  readonly failureMeter: FailureMeter
  /** How long credits stay held for a question: longer than the model's time-outs and retries together. */
  readonly holdMs: number
}

/** Answering a question from the transcript that comes with it. */
export class Questions {
  readonly #deps: AskDependencies

  constructor(dependencies: AskDependencies) {
    this.#deps = dependencies
  }

  /** @throws {DomainError} whatever `Ledger.open` throws; `operation_in_progress`, `upstream_failed`, `upstream_timeout` */
  async ask(
    userId: string,
    operationId: string,
    requestHash: string,
    request: AskRequest,
  ): Promise<AskResponse> {
    const { ledger, now, holdMs } = this.#deps
    const credits = priceList.rates.ask_agent.credits
    const opened = await ledger.open({
      userId,
      operationId,
      service: 'ask_agent',
      credits,
      requestHash,
      holdMs,
    })
    if (opened.state === 'finished') return respond(opened.row, creditsAvailable(opened.account, now()))
    if (opened.state === 'in_progress') {
      throw new DomainError(
        'operation_in_progress',
        'This question is being answered already. Nothing more is charged. Send the same request again in a few seconds.',
        { operation_id: operationId, retry_after_seconds: 2 },
      )
    }
    const answer = await this.#answer(opened.reservation, request)
    const settled = await ledger.settle(
      opened.reservation,
      { cost: credits, metadata: { segments: request.segments.length }, result: answer },
      opened.account,
    )
    return respond(settled.row, settled.creditsAvailable)
  }

  async #answer(reservation: Reservation, request: AskRequest): Promise<Answer> {
    try {
      const { answer, cited } = await this.#deps.model.answer(
        request.question,
        request.segments,
        reservation.userId,
      )
      if (answer.trim() === '') throw new UpstreamError('language model', 'failed')
      const starts = new Set(request.segments.map(segment => segment.start_ms))
      return { answer, cited: [...new Set(cited)].filter(start => starts.has(start)) }
    } catch (error) {
      if (!(error instanceof UpstreamError)) throw error
      await this.#deps.ledger.release(reservation)
      await this.#deps.failureMeter.note(reservation.userId)
      throw upstreamProblem(error, 'The answer')
    }
  }
}

const respond = (row: UsageRow, available: number): AskResponse => {
  const { answer, cited } = answerSchema.parse(row.result)
  return {
    operation_id: row.operationId,
    answer,
    cited,
    credits_used: row.creditsUsed,
    credits_available: available,
  }
}
