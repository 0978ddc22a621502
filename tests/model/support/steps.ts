import type fc from 'fast-check'
import { expect } from 'vitest'
import type { AdjustmentRequest } from '../../../src/contracts/adjustments.ts'
import { creditsAvailable, withExpiredHoldsEnded } from '../../../src/domain/account.ts'
import { DomainError } from '../../../src/domain/errors.ts'
import type { Reservation } from '../../../src/domain/ports.ts'
import type { CheckoutSessionEvent } from '../../../src/domain/stripe-events/event.ts'
import { type Books, imbalance, readBooks } from '../../support/ledger.ts'
import type { ModelAccount } from './model-account.ts'
import type { World } from './world.ts'

export const bonusCredits = 60
export const packs = {
  starter: { credits: 500, priceCents: 299 },
  popular: { credits: 2_000, priceCents: 999 },
} as const
export type PackId = keyof typeof packs

export interface ModelPurchase {
  readonly userIndex: number
  readonly pack: PackId
  readonly session: CheckoutSessionEvent
  status: 'pending' | 'completed' | 'failed' | 'expired' | 'needs_review'
  /** Staff has given its credits. */
  isMadeUp: boolean
}

export interface Operation {
  readonly userIndex: number
  readonly reservation: Reservation
  readonly credits: number
}

/** Live captions that were started, open or not. */
export interface Captions {
  readonly userIndex: number
  readonly operationId: string
}

export interface Model {
  readonly accounts: ModelAccount[]
  readonly operations: Operation[]
  readonly purchases: ModelPurchase[]
  readonly captions: Captions[]
  /** Adjustments by staff that were made. */
  readonly adjustments: { readonly userIndex: number; readonly request: AdjustmentRequest }[]
  /** Catch-ups from a channel that were started. */
  readonly channels: { readonly userIndex: number; readonly operationId: string }[]
}

/** The system under test: real accounts of real tables, by the model's order. */
export interface Real {
  readonly world: World
  readonly userIds: string[]
}

export const codeOf = (error: unknown): string => {
  if (error instanceof DomainError) return error.code
  throw error
}

export const pick = <Item>(items: readonly Item[], index: number): Item | undefined =>
  items.length === 0 ? undefined : items[index % items.length]

/** Mostly one of the newest, where most is still to happen: 0 is the last. */
export const pickRecent = <Item>(items: readonly Item[], index: number): Item | undefined =>
  items.length === 0 ? undefined : items.at(-1 - (index % items.length))

/** A user by index: the real id and the model's account. */
export const userAt = (model: Model, { userIds }: Real, at: number) => {
  const userId = pick(userIds, at)
  const account = pick(model.accounts, at)
  return userId === undefined || account === undefined
    ? undefined
    : { userId, account, userIndex: at % userIds.length }
}

/** An operation by index, with the account that the model keeps for it. */
export const operationAt = (model: Model, at: number) => {
  const operation = pickRecent(model.operations, at)
  const account = operation && model.accounts[operation.userIndex]
  return operation && account ? { operation, account } : undefined
}

const checkAccount = (books: Books, expected: ModelAccount, nowMs: number): void => {
  const { account, usage } = books
  expect(imbalance(books)).toBe(0)
  expect(account.creditsBalance).toBeGreaterThanOrEqual(0)
  for (const { remaining } of Object.values(account.grants)) expect(remaining).toBeGreaterThanOrEqual(0)
  expect(usage.reduce((sum, row) => sum + row.creditsUsed, 0)).toBe(expected.used)
  expect(new Set(usage.map(row => row.operationId)).size).toBe(usage.length)
  expect(account.totalUsage).toBe(expected.used)
  expect(account.totalCreditsPurchased).toBe(expected.purchased)
  // An expired hold may or may not have been folded in yet: what its owner sees is the same.
  const seen = withExpiredHoldsEnded(account, nowMs)
  expect(Object.keys(seen.holds).sort()).toEqual(expected.openHolds(nowMs).sort())
  expect(creditsAvailable(seen, nowMs)).toBe(expected.seenAvailable(nowMs))
}

/** After every step: each account is what the model says, and its books close. */
const check = async (model: Model, { world, userIds }: Real): Promise<void> => {
  for (const [index, userId] of userIds.entries()) {
    const expected = model.accounts[index]
    if (!expected) throw new Error('The model lacks an account.')
    checkAccount(await readBooks(world.ledger, userId), expected, world.clock.now())
  }
}

/** A command: it acts on both, compares what it was answered, then compares everything. */
export class Step implements fc.AsyncCommand<Model, Real> {
  readonly #label: string
  readonly #act: (model: Model, real: Real) => Promise<void>

  constructor(label: string, act: (model: Model, real: Real) => Promise<void>) {
    this.#label = label
    this.#act = act
  }

  check(): boolean {
    return true
  }

  async run(model: Model, real: Real): Promise<void> {
    await this.#act(model, real)
    await check(model, real)
  }

  toString(): string {
    return this.#label
  }
}
