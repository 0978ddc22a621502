import fc from 'fast-check'
import { v7 } from 'uuid'
import { expect } from 'vitest'
import type { ChannelJob, TranscriptJob } from '../../../src/domain/ports.ts'
import { creditsCharged, creditsHeld, minutesAsked } from './channel-world.ts'
import type { ModelAccount } from './model-account.ts'
import { codeOf, type Model, pickRecent, type Real, Step, userAt } from './steps.ts'
import { newOperationId } from './world.ts'

/** A catch-up by index, newest first, with the account that the model keeps for it and its jobs so far. */
const channelAt = (model: Model, { userIds, world }: Real, at: number) => {
  const channel = pickRecent(model.channels, at)
  const account = channel && model.accounts[channel.userIndex]
  const userId = channel && userIds[channel.userIndex]
  if (!channel || !account || userId === undefined) return undefined
  const { operationId } = channel
  const jobs = world.channels.queued.filter(job => job.operationId === operationId)
  const [job] = jobs.filter((one): one is ChannelJob => one.kind === 'channel')
  return { userId, account, operationId, job }
}

type Channel = NonNullable<ReturnType<typeof channelAt>>

const refusalOf = (account: ModelAccount, nowMs: number): string | undefined => {
  if (account.holds.size >= 8) return 'too_many_open_operations'
  return account.available(nowMs) < creditsHeld ? 'insufficient_credits' : undefined
}

const start = (user: number, times: number) =>
  new Step(`startChannel(${user}, sent ${times} times)`, async (model, real) => {
    const found = userAt(model, real, user)
    if (!found) return
    const { userId, account, userIndex } = found
    const { channels, clock, ledger } = real.world
    const operationId = newOperationId(clock)
    account.expire(clock.now())
    const refusal = refusalOf(account, clock.now())
    const request = { channel: 'speaks', minutes: minutesAsked }
    const answers = await Promise.all(
      Array.from({ length: times }, () =>
        channels.catchups.startChannel(userId, operationId, 'one', request).catch(codeOf),
      ),
    )
    if (refusal !== undefined) {
      expect(answers).toEqual(answers.map(() => refusal))
      return
    }
    expect(channels.queued.filter(job => job.operationId === operationId)).toHaveLength(1)
    const hold = (await ledger.store.readAccount(userId))?.holds[operationId]
    account.hold(operationId, creditsHeld, hold?.expiresAtMs ?? 0, clock.now())
    model.channels.push({ userIndex, operationId })
  })

/** What became of it, as the real tables tell: charged the minutes that there were, free once late, or given back. */
const observe = async ({ userId, account, operationId }: Channel, { world }: Real): Promise<void> => {
  const { ledger, clock } = world
  const nowMs = clock.now()
  const isOpen = account.openHolds(nowMs).includes(operationId)
  const row = await ledger.store.readUsage(userId, operationId)
  if (row) {
    if (account.rows.has(operationId)) return
    expect(row.creditsUsed).toBe(isOpen ? creditsCharged : 0)
    if (isOpen) account.settle(operationId, creditsCharged)
    else account.deliverLate(operationId, nowMs)
    return
  }
  const stored = await ledger.store.readAccount(userId)
  if (!isOpen || stored?.holds[operationId]) return
  expect(await ledger.failures.read(userId, operationId)).toBeDefined()
  account.giveUp(operationId)
}

const manyRuns = (times: number, run: (runId: string) => Promise<void>): Promise<unknown> =>
  Promise.all(Array.from({ length: times }, () => run(v7())))

const fetch = (index: number, outcome: 'found' | 'refused' | 'fails' | 'upload_fails', times: number) =>
  new Step(`fetch(${index}, ${outcome}, ${times} runs)`, async (model, real) => {
    const found = channelAt(model, real, index)
    if (!found?.job) return
    const { job } = found
    const { vendors, fetcher } = real.world.channels
    vendors.finding = outcome === 'upload_fails' ? 'found' : outcome
    vendors.uploadFails = outcome === 'upload_fails'
    await manyRuns(times, runId => fetcher.run(job, runId))
    await observe(found, real)
  })

/** The transcript that the vendor has of it, as its progress names it. */
const transcriptJob = async ({ userId, operationId, job }: Channel, { world }: Real) => {
  const progress = await world.channels.progress.read(userId, operationId)
  if (!job || !progress || progress.stage === 'fetching') return undefined
  const { transcriptId, window } = progress
  const transcript: TranscriptJob = {
    kind: 'transcript',
    userId,
    operationId,
    holdExpiresAtMs: job.holdExpiresAtMs,
    requestHash: 'one',
    window,
    transcriptId,
  }
  return transcript
}

/** The vendor calls back, any number of times at once, and the model works or does not. */
const callBack = (
  index: number,
  heard: 'completed' | 'no_speech' | 'failed',
  summaryFails: boolean,
  times: number,
) =>
  new Step(
    `callBack(${index}, ${heard}${summaryFails ? ', no summary' : ''}, ${times} times)`,
    async (model, real) => {
      const found = channelAt(model, real, index)
      const job = found && (await transcriptJob(found, real))
      if (!job) return
      const { vendors, worker } = real.world.channels
      vendors.transcripts.set(job.transcriptId, heard)
      vendors.summaryFails = summaryFails
      await manyRuns(times, runId => worker.run(job, runId))
      await observe(found, real)
    },
  )

/** The call-back is lost: the sweep asks the vendor, and hands over what has stalled or gives it up. */
const sweep = (index: number, heard: 'completed' | 'processing') =>
  new Step(`sweep(${index}, ${heard})`, async (model, real) => {
    const found = channelAt(model, real, index)
    if (!found) return
    const { userId, operationId } = found
    const { channels, ledger } = real.world
    const job = await transcriptJob(found, real)
    if (job) channels.vendors.transcripts.set(job.transcriptId, heard)
    const hold = (await ledger.store.readAccount(userId))?.holds[operationId]
    if (!hold) return
    channels.vendors.summaryFails = false
    const resumption = await channels.stalled.resume({ userId, operationId, hold })
    if (resumption === 'resumed' && job) await channels.worker.run(job, v7())
    await observe(found, real)
  })

const recent = fc.oneof(fc.nat({ max: 2 }), fc.nat({ max: 30 }))
const times = fc.constantFrom(1, 1, 2, 3)

/** What goes well, four times in five: a failure ends a catch-up, and then there is little left to try. */
const mostly = <const Value>(well: Value, ...ill: Value[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(well) }, { weight: 1, arbitrary: fc.constantFrom(...ill) })

/** Catch-ups from a channel: started, fetched, called back in any number and order, failed, forgotten, swept. */
export const channelCommands = [
  fc.tuple(fc.nat({ max: 30 }), times).map(args => start(...args)),
  fc.tuple(recent, mostly('found', 'refused', 'fails', 'upload_fails'), times).map(args => fetch(...args)),
  fc
    .tuple(recent, mostly('completed', 'no_speech', 'failed'), mostly(false, true), times)
    .map(args => callBack(...args)),
  fc.tuple(recent, mostly('completed', 'processing')).map(args => sweep(...args)),
]
