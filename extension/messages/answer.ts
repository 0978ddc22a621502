import type * as z from 'zod'
import {
  type Addressee,
  type Answer,
  type Contract,
  contract,
  envelopeSchema,
  type MessageType,
} from './contract.ts'
import { problemOf } from './problem.ts'

/** The types of the messages that one part of the extension answers. */
type AnsweredBy<Part extends Addressee> = {
  [Type in MessageType]: Contract[Type]['to'] extends Part ? Type : never
}[MessageType]

/** An answer to come. Where the contract wants none, nothing needs to be given. */
type Answering<Type extends MessageType> =
  | Promise<Answer<Type>>
  | (Answer<Type> extends Record<string, never> ? Promise<void> : never)

/** What answers each of them. */
export type Answers<Part extends Addressee> = {
  readonly [Type in AnsweredBy<Part>]: (
    request: z.output<Contract[Type]['request']>,
    sender: chrome.runtime.MessageSender,
  ) => Answering<Type>
}

/**
 * Answers every message to this part of the extension. One that is malformed is refused; one that its sender may not
 * send is not answered at all, nor is one to another part. Of a failure that nobody foresaw the sender learns nothing
 * but that there was one. Handlers begin within the message's event, so that a listener's click still counts there.
 */
export function answerMessages<Part extends Addressee>(part: Part, answers: Answers<Part>): void {
  chrome.runtime.onMessage.addListener((envelope: unknown, sender, respond) => {
    const type = typeOf(envelope, part)
    if (type === undefined) return false
    if (!maySend(type, sender)) return false
    const request = contract[type].request.safeParse(requestOf(envelope))
    if (!request.success) {
      respond({ ok: false, problem: invalid(request.error) })
      return false
    }
    const handle = answers[type as AnsweredBy<Part>] as Handler
    begin(handle, request.data, sender).then(
      value => respond({ ok: true, value: value ?? {} }),
      (error: unknown) => respond({ ok: false, problem: problemOf(error).view }),
    )
    return true
  })
}

type Handler = (request: unknown, sender: chrome.runtime.MessageSender) => Promise<unknown>

/** What is thrown before a handler gives its promise counts as its failure. */
const begin = async (...[handle, request, sender]: [Handler, ...Parameters<Handler>]): Promise<unknown> =>
  handle(request, sender)

const typeOf = (envelope: unknown, part: Addressee): MessageType | undefined => {
  const parsed = envelopeSchema.safeParse(envelope)
  if (!parsed.success || !Object.hasOwn(contract, parsed.data.type)) return undefined
  const type = parsed.data.type as MessageType
  return contract[type].to === part ? type : undefined
}

const requestOf = (envelope: unknown): unknown => envelopeSchema.parse(envelope).request

/** Whether a sender is one of the extension's own pages (or its worker), and not a content script in a web page. */
export const isOwnPage = (sender: chrome.runtime.MessageSender): boolean =>
  sender.id === chrome.runtime.id &&
  (sender.origin ?? sender.url ?? '').startsWith(chrome.runtime.getURL('').slice(0, -1))

const maySend = (type: MessageType, sender: chrome.runtime.MessageSender): boolean =>
  sender.id === chrome.runtime.id && (contract[type].from === 'extension_and_content' || isOwnPage(sender))

const invalid = (error: z.ZodError) => ({
  code: 'validation_failed',
  detail: error.issues.map(issue => issue.message).join(' '),
})
