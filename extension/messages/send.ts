import type { ProblemView } from '../captions/view.ts'
import type { Answer, MessageType, Request } from './contract.ts'
import { Problem } from './problem.ts'

type Outcome<Type extends MessageType> =
  | { readonly ok: true; readonly value: Answer<Type> }
  | { readonly ok: false; readonly problem: ProblemView }

/**
 * Sends a message to the part of the extension that answers its type; the receiver holds it to the contract.
 *
 * @throws {Problem} what the receiver says is wrong, or `engine_failed` where nobody answers
 */
export async function send<Type extends MessageType>(
  type: Type,
  request: Request<Type>,
): Promise<Answer<Type>> {
  const outcome = await deliver<Type>({ type, request })
  if (!outcome.ok) throw new Problem(outcome.problem)
  return outcome.value
}

async function deliver<Type extends MessageType>(envelope: object): Promise<Outcome<Type>> {
  const outcome: Outcome<Type> | undefined = await chrome.runtime
    .sendMessage(envelope)
    .catch((cause: unknown) => refuse(cause))
  return outcome ?? refuse()
}

function refuse(cause?: unknown): never {
  throw new Problem(
    { code: 'engine_failed', detail: 'The extension does not answer. Reload it and try again.' },
    { cause },
  )
}
