import fc from 'fast-check'
import { expect } from 'vitest'
import type { LeaseResponse } from '../../../src/contracts/live-captions.ts'
import type { ModelAccount, ModelLiveRules } from './model-account.ts'
import { codeOf, type Model, pickRecent, type Real, Step, userAt } from './steps.ts'
import { newOperationId, shortLeases } from './world.ts'

const rules: ModelLiveRules = {
  leaseCredits: 10,
  leastCredits: 2,
  renewWindowMs: shortLeases.renewWindowSeconds * 1_000,
  danglingMs: shortLeases.danglingSeconds * 1_000,
  allowancePerHour: shortLeases.allowancePerHour,
  allowancePerDay: shortLeases.allowancePerDay,
}

type LeaseAnswer = LeaseResponse | string

/** Captions by index, newest first, with the account that the model keeps for them. */
const captionsAt = (model: Model, { userIds }: Real, at: number) => {
  const captions = pickRecent(model.captions, at)
  const account = captions && model.accounts[captions.userIndex]
  const userId = captions && userIds[captions.userIndex]
  return captions && account && userId !== undefined
    ? { userId, account, operationId: captions.operationId }
    : undefined
}

/** The hold's end as the real account has it: it carries some milliseconds that are drawn at random. */
const copyExpiry = async ({ world }: Real, userId: string, account: ModelAccount, operationId: string) => {
  const stored = await world.ledger.store.readAccount(userId)
  const hold = account.holds.get(operationId)
  const expiresAtMs = stored?.holds[operationId]?.expiresAtMs
  if (!hold || expiresAtMs === undefined) throw new Error('The captions are not held.')
  const leastMs = account.paidUntilMs(operationId) + rules.danglingMs
  expect(expiresAtMs - leastMs).toBeGreaterThanOrEqual(0)
  expect(expiresAtMs - leastMs).toBeLessThan(60_000)
  hold.expiresAtMs = expiresAtMs
}

/** The answers to a request that was sent several times at once: one lease, and its repeats by the allowance. */
const expectOneLease = (
  answers: readonly LeaseAnswer[],
  { sessions }: Real['world'],
  account: ModelAccount,
  nowMs: number,
  repeats: number,
): void => {
  const leases = answers.filter(answer => typeof answer !== 'string')
  const allowed = Array.from({ length: repeats }, () => account.useAllowance(rules, nowMs)).filter(Boolean)
  expect(leases).toHaveLength(answers.length - repeats + allowed.length)
  expect(answers.filter(answer => answer === 'allowance_spent')).toHaveLength(repeats - allowed.length)
  expect(new Set(leases.map(lease => lease.token)).size).toBe(leases.length)
  for (const { token } of leases) expect(sessions.minted.has(token)).toBe(true)
}

/** Why new captions must be refused, or undefined where they must be sold. */
const startRefusal = (account: ModelAccount, nowMs: number): string | undefined => {
  const open = account.openCaptions()
  if (open !== undefined && account.paidUntilMs(open) > nowMs) return 'live_already_open'
  if (account.leaseCredits(rules, nowMs) === 0) return 'insufficient_credits'
  if (open !== undefined) account.endOverLease(open)
  if (account.holds.size >= 8) return 'too_many_open_operations'
  return undefined
}

const start = (user: number, times: number) =>
  new Step(`startCaptions(${user}, sent ${times} times)`, async (model, real) => {
    const found = userAt(model, real, user)
    if (!found) return
    const { userId, account, userIndex } = found
    const { clock, live } = real.world
    const operationId = newOperationId(clock)
    const nowMs = clock.now()
    account.expire(nowMs)
    const refusal = startRefusal(account, nowMs)
    const request = { userId, operationId, requestHash: 'one', language: undefined }
    const answers = await Promise.all(Array.from({ length: times }, () => live.start(request).catch(codeOf)))
    if (refusal !== undefined) {
      expect(answers).toEqual(answers.map(() => refusal))
      return
    }
    account.startCaptions(operationId, account.leaseCredits(rules, nowMs), nowMs)
    expectOneLease(answers, real.world, account, nowMs, times - 1)
    await copyExpiry(real, userId, account, operationId)
    model.captions.push({ userIndex, operationId })
  })

/** Why a lease must be refused, or undefined where it must be sold or handed out again. */
const leaseRefusal = (
  account: ModelAccount,
  operationId: string,
  offset: number,
  nowMs: number,
): string | undefined => {
  const paidUntilMs = account.paidUntilMs(operationId)
  if (paidUntilMs <= nowMs) return 'lease_over'
  if (offset === 0) return undefined
  if (offset !== 1) return 'wrong_lease'
  if (nowMs < paidUntilMs - account.renewWindowMs(operationId, rules)) return 'renew_too_early'
  return account.leaseCredits(rules, nowMs) === 0 ? 'insufficient_credits' : undefined
}

/** Asks for a lease by its distance from the one in force: 1 is the next, 0 the same again. */
const renew = (index: number, offset: number, times: number) =>
  new Step(`renewCaptions(${index}, lease +${offset}, sent ${times} times)`, async (model, real) => {
    const found = captionsAt(model, real, index)
    if (!found) return
    const { userId, account, operationId } = found
    const { clock, live } = real.world
    const nowMs = clock.now()
    account.expire(nowMs)
    const refusal = leaseRefusal(account, operationId, offset, nowMs)
    const lease = (account.captions.get(operationId)?.leases.length ?? 1) + offset
    const answers = await Promise.all(
      Array.from({ length: times }, () => live.renew(userId, operationId, lease).catch(codeOf)),
    )
    if (refusal !== undefined) {
      expect(answers).toEqual(answers.map(() => refusal))
      return
    }
    if (offset === 1) account.addLease(operationId, account.leaseCredits(rules, nowMs), nowMs)
    expectOneLease(answers, real.world, account, nowMs, times - offset)
    await copyExpiry(real, userId, account, operationId)
  })

/** Stops captions, with the client's word that they ended earlier, or were not yet over. */
const stop = (index: number, endedAgoMs: number | undefined, times: number) =>
  new Step(`stopCaptions(${index}, ended ${endedAgoMs} ms ago, sent ${times} times)`, async (model, real) => {
    const found = captionsAt(model, real, index)
    if (!found) return
    const { userId, account, operationId } = found
    const { clock, stops } = real.world
    const nowMs = clock.now()
    const endedAtMs = endedAgoMs === undefined ? undefined : nowMs - endedAgoMs
    const hold = account.holds.get(operationId)
    if (hold && hold.expiresAtMs <= nowMs) account.endOverLease(operationId)
    else account.stopCaptions(operationId, endedAtMs ?? nowMs, rules, nowMs)
    const answers = await Promise.all(
      Array.from({ length: times }, () => stops.stop(userId, operationId, endedAtMs)),
    )
    for (const answer of answers) expect(answer.credits_used).toBe(account.chargedFor(operationId))
  })

const recent = fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 30 }))
const times = fc.constantFrom(1, 1, 2, 3)
const endedAgoMs = fc.constantFrom(undefined, undefined, -5_000, 1, 20_000, 70_000, 10_000_000)

/** Live captions: started, gone on with, asked for again, stopped honestly or not, or left. */
export const liveCommands = [
  fc.tuple(fc.nat({ max: 30 }), times).map(args => start(...args)),
  fc.tuple(fc.nat({ max: 30 }), times).map(args => start(...args)),
  fc.tuple(recent, fc.constantFrom(1, 1, 1, 0, 2, -1), times).map(args => renew(...args)),
  fc.tuple(recent, fc.constantFrom(1, 1, 1, 0, 2, -1), times).map(args => renew(...args)),
  fc.tuple(recent, endedAgoMs, times).map(args => stop(...args)),
]
