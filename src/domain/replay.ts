import { DomainError } from './errors.ts'
import type { CheckoutSessionEvent, StripeEvent, StripeEventDependencies } from './stripe-events/event.ts'
import { handleStripeEvent } from './stripe-events/handle.ts'

export interface ArchivedEvent {
  readonly type: string
  /** Absent where its type is none that we act on. */
  readonly event: StripeEvent | undefined
}

/** The payment vendor's events, as it keeps them. */
export interface EventArchive {
  /** Undefined where there is none of this id, or no longer. @throws {UpstreamError} */
  find(eventId: string): Promise<ArchivedEvent | undefined>
}

export interface ReplayDependencies extends StripeEventDependencies {
  readonly archive: EventArchive
}

const refused = (message: string): DomainError =>
  new DomainError('validation_failed', `${message} Nothing was changed.`)

/** Acts on an event that was sent before as if it came now. Acted on before, it changes nothing. */
export class Replay {
  readonly #deps: ReplayDependencies

  constructor(dependencies: ReplayDependencies) {
    this.#deps = dependencies
  }

  /**
   * The event, if it is one that we act on.
   * @throws {DomainError} `not_found`, also where its purchase is; `validation_failed` where it is of another type, or of
   *   another stage
   * @throws {UpstreamError}
   */
  async find(eventId: string): Promise<StripeEvent> {
    const { archive } = this.#deps
    const archived = await archive.find(eventId)
    if (!archived) {
      throw new DomainError('not_found', 'Stripe has no such event. It keeps them for 30 days.')
    }
    const { type, event } = archived
    if (!event) throw refused(`An event of type ${type} is not acted on here.`)
    if ('session' in event) await this.#assertOurs(event.session)
    return event
  }

  async #assertOurs({ stage: itsStage, transactionId }: CheckoutSessionEvent): Promise<void> {
    const { stage, store } = this.#deps
    if (itsStage !== stage) {
      throw refused(`The event is of stage ${itsStage ?? 'none'}, and this is ${stage}.`)
    }
    if (transactionId === undefined || (await store.readTransaction(transactionId))) return
    throw new DomainError(
      'not_found',
      `There is no purchase ${transactionId} to book it on. A restore may have lost it: give its credits by an adjustment.`,
    )
  }

  /** @throws {DomainError} as `find` does @throws {UpstreamError} */
  async run(eventId: string): Promise<StripeEvent> {
    const event = await this.find(eventId)
    await handleStripeEvent(this.#deps, event)
    return event
  }
}
