import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createRecogniser, type Recogniser } from '../../local/recogniser/recogniser.ts'
import { catchupResponseSchema } from '../../src/contracts/transcription.ts'
import {
  type ChannelWorld,
  callbackDueMs,
  createChannelWorld,
  holdMs,
  longestRunMs,
} from '../support/channel-catchups.ts'
import { everyDeath, MortalProcess, untilDeath } from '../support/crash.ts'
import { imbalance, readBooks } from '../support/ledger.ts'
import { startVendors, type Vendors } from '../support/vendors.ts'

const bonusCredits = 1_000
/** Of the five minutes that are asked for. */
const price = 50

let vendors: Vendors
const worlds: ChannelWorld[] = []

beforeAll(async () => {
  vendors = await startVendors()
})

afterAll(() => vendors.close())

afterEach(async () => {
  await vendors.control('assemblyai', { delay_ms: 0, fail_transcripts: 0 })
  await Promise.all(worlds.splice(0).map(world => world.close()))
})

const newWorld = async (): Promise<ChannelWorld> => {
  const world = await createChannelWorld(vendors, bonusCredits)
  worlds.push(world)
  return world
}

/** The books close, nothing is held, and the operation was charged this much, in this many rows. */
const expectCharged = async (world: ChannelWorld, credits: number, rows: number) => {
  const books = await readBooks(world.base, world.userId)
  expect(imbalance(books)).toBe(0)
  expect(books.account.holds).toEqual({})
  expect(books.usage.map(row => row.creditsUsed)).toEqual(rows === 0 ? [] : [credits])
  expect(books.account.creditsBalance).toBe(bonusCredits - credits)
}

const read = async (world: ChannelWorld) => {
  const catchup = await world.read()
  expect(catchupResponseSchema.parse(catchup)).toEqual(catchup)
  return catchup
}

const fetchSound = async (world: ChannelWorld, channel = 'speaks') => {
  const job = await world.start(channel)
  await world.boot().fetcher.run(job, 'fetch-1')
  return job
}

describe('a catch-up on a channel', () => {
  it('goes from the recording to a summary, charged once', async () => {
    const world = await newWorld()
    await fetchSound(world)
    const [job] = await world.called()
    if (!job) throw new Error('The vendor did not call back.')
    await world.boot().worker.run(job, 'run-1')
    const catchup = await read(world)
    const { recording, summary } = catchup
    expect(catchup).toMatchObject({ status: 'completed', stage: 'completed', credits_used: price })
    expect(recording).toMatchObject({ channel: 'speaks', is_live: true, muted_ms: 0 })
    expect((recording?.to_ms ?? 0) - (recording?.from_ms ?? 0)).toBe(300_000)
    expect(summary?.points.map(({ at_ms }) => at_ms)).toEqual([recording?.from_ms])
    await expectCharged(world, price, 1)
  })

  it('writes 8 units at most', async () => {
    const world = await newWorld()
    await world.base.activity.note(world.userId)
    world.takeWrites()
    await fetchSound(world)
    const [job] = await world.called()
    if (job) await world.boot().worker.run(job, 'run-1')
    const writes = world.takeWrites()
    const byTable = Object.groupBy(writes, ({ table }) => table)
    const units = Object.fromEntries(
      Object.entries(byTable).map(([table, group = []]) => [
        table,
        group.reduce((sum, write) => sum + write.units, 0),
      ]),
    )
    expect(units).toEqual({ users: 3, usage: 2, ephemera: 3 })
    expect((await read(world)).status).toBe('completed')
  })

  it('is charged for what there is and can be heard of it, and not for the rest', async () => {
    const world = await newWorld()
    const job = await world.start('partly_muted')
    await world.boot().fetcher.run(job, 'fetch-1')
    const [called] = await world.called()
    if (called) await world.boot().worker.run(called, 'run-1')
    // Three of the last five minutes are muted.
    expect(await read(world)).toMatchObject({ recording: { muted_ms: 180_000 }, credits_used: 20 })
    await expectCharged(world, 20, 1)
  })

  it('is summarised and charged once when the call-back comes twice at once', async () => {
    const world = await newWorld()
    await fetchSound(world)
    const [job] = await world.called()
    if (!job) throw new Error('The vendor did not call back.')
    await Promise.all([world.boot().worker.run(job, 'run-1'), world.boot().worker.run(job, 'run-2')])
    await world.boot().worker.run(job, 'run-3')
    await expectCharged(world, price, 1)
  })

  it('is found by the sweep when the call-back is lost', async () => {
    const world = await newWorld()
    await fetchSound(world)
    const lost = (await world.called()).length
    const resume = async () => {
      const hold = (await world.base.store.readAccount(world.userId))?.holds[world.operationId]
      if (!hold) throw new Error('The operation is not open.')
      const { userId, operationId } = world
      return world.boot().stalled.resume({ userId, operationId, hold })
    }
    expect(await resume()).toBe('waiting')
    world.clock.nowMs += callbackDueMs
    expect(await resume()).toBe('resumed')
    const [, job] = await world.called(lost + 1)
    if (!job) throw new Error('Nothing was resumed.')
    await world.boot().worker.run(job, 'run-1')
    expect((await read(world)).status).toBe('completed')
    await expectCharged(world, price, 1)
  })

  it('that comes when its hold has expired and gone is delivered free', async () => {
    const world = await newWorld()
    await fetchSound(world)
    const [job] = await world.called()
    world.clock.nowMs += holdMs + 120_000
    const account = await world.base.store.readAccount(world.userId)
    if (account) await world.base.ledger.fold(account)
    if (job) await world.boot().worker.run(job, 'run-1')
    expect(await read(world)).toMatchObject({ status: 'completed', credits_used: 0 })
    await expectCharged(world, 0, 1)
  })
})

describe('a channel that can not be caught up on costs nothing', () => {
  it.each([
    ['nobody_here', 'channel_not_found', 'no such channel'],
    ['offline_nothing_recorded', 'channel_offline', 'not on air'],
    ['live_without_archive', 'no_recording', 'does not record'],
    ['all_for_subscribers', 'recording_unavailable', 'subscribers only'],
    ['broken_playlist', 'recording_unavailable', "can't be played"],
    ['all_muted', 'recording_muted', 'muted'],
    ['redirects_elsewhere', 'upstream_failed', "can't be fetched"],
    ['forbidding_cdn', 'upstream_failed', "won't hand out"],
    ['stalling_cdn', 'upstream_timeout', 'took too long to hand out'],
  ])('%s: %s', async (channel, code, words) => {
    const world = await newWorld()
    await fetchSound(world, channel)
    const { error, ...rest } = await read(world)
    expect(rest).toEqual({ operation_id: world.operationId, status: 'failed', stage: 'failed' })
    expect(error?.code).toBe(code)
    expect(error?.detail).toContain(words)
    expect(error?.detail).toContain('Nothing was charged.')
    await expectCharged(world, 0, 0)
  })

  it('nor does one that the speech vendor can not make out', async () => {
    await vendors.control('assemblyai', { fail_transcripts: 1 })
    const world = await newWorld()
    await fetchSound(world)
    const [job] = await world.called()
    if (job) await world.boot().worker.run(job, 'run-1')
    expect((await read(world)).error?.detail).toContain('could not be transcribed')
    await expectCharged(world, 0, 0)
  })
})

describe('with real ears', () => {
  let recogniser: Recogniser
  let hearing: Vendors

  beforeAll(async () => {
    recogniser = await createRecogniser()
    hearing = await startVendors(recogniser)
  })

  afterAll(async () => {
    await hearing.close()
    await recogniser.close()
  })

  const catchUpOn = async (channel: string) => {
    const world = await createChannelWorld(hearing, bonusCredits)
    worlds.push(world)
    await fetchSound(world, channel)
    const [job] = await world.called()
    if (job) await world.boot().worker.run(job, 'run-1')
    return { world, catchup: await read(world) }
  }

  it('five minutes of speech become points that cite where it was said', async () => {
    const { world, catchup } = await catchUpOn('speaks')
    const { recording, summary } = catchup
    expect(catchup).toMatchObject({ status: 'completed', credits_used: price })
    const places = summary?.points.map(({ at_ms }) => at_ms) ?? []
    expect(places.length).toBeGreaterThanOrEqual(3)
    expect(places).toEqual(places.toSorted((one, other) => one - other))
    expect(places.filter(at => at < (recording?.from_ms ?? 0) || at >= (recording?.to_ms ?? 0))).toEqual([])
    expect(summary?.points.map(({ text }) => text).join(' ')).toMatch(/dashwood|disposed|leisure/i)
    await expectCharged(world, price, 1)
  }, 240_000)

  it('minutes in which nobody speaks cost nothing', async () => {
    const { world, catchup } = await catchUpOn('nobody_speaks')
    expect(catchup.error).toMatchObject({
      code: 'no_speech',
      detail: expect.stringContaining('Nobody was heard'),
    })
    await expectCharged(world, 0, 0)
  }, 120_000)
})

describe('a function that dies at any of its calls', () => {
  it('while it fetches leaves nothing behind: Lambda runs it again, and the job is charged once', async () => {
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      const job = await world.start('speaks')
      const mortal = new MortalProcess(death)
      await untilDeath(() => world.boot(mortal).fetcher.run(job, 'fetch-1'))
      await world.boot().fetcher.run(job, 'fetch-1')
      for (const called of await world.calledAboutNoted()) {
        await world.boot().worker.run(called, `run of ${called.transcriptId}`)
      }
      expect(await read(world)).toMatchObject({ status: 'completed', credits_used: price })
      await expectCharged(world, price, 1)
      return mortal
    })
    expect(steps).toBe(6)
  }, 240_000)

  it('while it summarises is taken over by its own next try, and the job is charged once', async () => {
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      await fetchSound(world)
      const [job] = await world.called()
      if (!job) throw new Error('The vendor did not call back.')
      const mortal = new MortalProcess(death)
      await untilDeath(() => world.boot(mortal).worker.run(job, 'run-1'))
      await world.boot().worker.run(job, 'run-1')
      expect(await read(world)).toMatchObject({ status: 'completed', credits_used: price })
      await expectCharged(world, price, 1)
      return mortal
    })
    expect(steps).toBe(7)
  }, 240_000)

  it('while it summarises, and for good, is taken over by the sweep', async () => {
    const steps = await everyDeath(async death => {
      const world = await newWorld()
      await fetchSound(world)
      const [job] = await world.called()
      if (!job) throw new Error('The vendor did not call back.')
      const mortal = new MortalProcess(death)
      await untilDeath(() => world.boot(mortal).worker.run(job, 'run-1'))
      world.clock.nowMs += longestRunMs
      const hold = (await world.base.store.readAccount(world.userId))?.holds[world.operationId]
      if (hold) {
        const { userId, operationId } = world
        expect(await world.boot().stalled.resume({ userId, operationId, hold })).toBe('resumed')
        const resumed = (await world.called()).at(-1)
        if (resumed) await world.boot().worker.run(resumed, 'run-2')
      }
      expect(await read(world)).toMatchObject({ status: 'completed', credits_used: price })
      await expectCharged(world, price, 1)
      return mortal
    })
    expect(steps).toBe(7)
  }, 240_000)
})
