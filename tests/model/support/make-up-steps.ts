import fc from 'fast-check'
import { expect } from 'vitest'
import { type Adjusted, Adjustments } from '../../../src/domain/adjustments.ts'
import { madeUpRowId } from '../../../src/domain/movement-ids.ts'
import { handleStripeEvent } from '../../../src/domain/stripe-events/handle.ts'
import { silent } from '../../support/silent-log.ts'
import { codeOf, type Model, type ModelPurchase, packs, pickRecent, type Real, Step } from './steps.ts'

const said = { reason: 'Paid', actor: 'arn:aws:iam::123456789012:user/ann' }

/** What a paid session does, unless staff has given its credits. */
export const credit = (model: Model, purchase: ModelPurchase): void => {
  const account = model.accounts[purchase.userIndex]
  if (!account || purchase.isMadeUp) return
  purchase.status = 'completed'
  account.balance.credits += packs[purchase.pack].credits
  account.purchased += packs[purchase.pack].credits
}

/** A purchase by index, newest first, with who made it. */
const purchaseAt = (model: Model, { userIds }: Real, at: number) => {
  const purchase = pickRecent(model.purchases, at)
  const account = purchase && model.accounts[purchase.userIndex]
  const userId = purchase && userIds[purchase.userIndex]
  return purchase && account && userId !== undefined ? { purchase, account, userId } : undefined
}

type Found = NonNullable<ReturnType<typeof purchaseAt>>

const ask = ({ purchase, userId }: Found, { world }: Real, times: number): Promise<(Adjusted | string)[]> => {
  const { transactionId = '', sessionId } = purchase.session
  const { credits } = packs[purchase.pack]
  const request = { ...said, transaction_id: madeUpRowId(sessionId), credits }
  const adjustments = new Adjustments({ ...world.ledger, backoff: async () => undefined, log: silent })
  const adjust = () => adjustments.adjust(userId, request, { transactionId, sessionId }).catch(codeOf)
  return Promise.all(Array.from({ length: times }, adjust))
}

/** As the purchase's row tells who was first. */
const observe = async (
  model: Model,
  found: Found,
  { world }: Real,
  answers: readonly (Adjusted | string)[],
) => {
  const { purchase, account } = found
  const row = await world.ledger.store.readTransaction(purchase.session.transactionId ?? '')
  if (row?.status === 'completed' && purchase.status !== 'completed') credit(model, purchase)
  expect(row?.status).toBe(purchase.status)
  if (purchase.status === 'completed') {
    expect(answers).toEqual(answers.map(() => 'validation_failed'))
    return
  }
  expect(answers.filter(answer => typeof answer === 'string')).toEqual([])
  if (!purchase.isMadeUp) account.balance.credits += packs[purchase.pack].credits
  purchase.isMadeUp = true
}

/** Staff gives a payment's credits, any number of times at once, while Stripe perhaps tells of it: one of them does. */
const makeUp = (index: number, times: number, isTold: boolean) =>
  new Step(`makeUp(${index}, ${times} times${isTold ? ', told meanwhile' : ''})`, async (model, real) => {
    const found = purchaseAt(model, real, index)
    if (!found) return
    const { purchase, account } = found
    account.expire(real.world.clock.now())
    const event = { type: 'checkout.session.completed', session: purchase.session } as const
    const [answers] = await Promise.all([
      ask(found, real, times),
      isTold ? handleStripeEvent(real.world.events, event) : undefined,
    ])
    await observe(model, found, real, answers)
  })

const recent = fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 30 }))

/** What staff does about payments that were not credited, as they think. */
export const makeUpCommands = [
  fc.tuple(recent, fc.constantFrom(1, 1, 2, 3), fc.boolean()).map(args => makeUp(...args)),
]
