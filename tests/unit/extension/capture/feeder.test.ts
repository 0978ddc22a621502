import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createFeeder, type Feeder } from '../../../../extension/capture/feeder.ts'
import { frameMs, type SoundFrame } from '../../../../extension/capture/sound.ts'
import { createSoundBuffer, type SoundBuffer } from '../../../../extension/capture/sound-buffer.ts'

/** A frame for each character: `#` is sound, `.` silence, a space nothing captured. Each sample tells its frame. */
const framesOf = (picture: string): SoundFrame[] =>
  [...picture].flatMap((character, index) => {
    const samples = Int16Array.of(index)
    return character === ' ' ? [] : [{ startMs: index * frameMs, samples, isSound: character === '#' }]
  })

interface Sent {
  readonly frame: number
  readonly atMs: number
}

const rig = (picture: string, { fromMs = 0, maxSeconds = 90 } = {}) => {
  const lost: number[] = []
  const buffer = createSoundBuffer({ maxSeconds, onLost: ms => lost.push(ms) })
  const sent: Sent[] = []
  let nowMs = 5_000
  const newFeeder = (from: number): Feeder =>
    createFeeder({
      buffer,
      fromMs: from,
      nowMs: () => nowMs,
      send: ([index]) => sent.push({ frame: index ?? -1, atMs: nowMs }),
    })
  const hear = (frames: readonly SoundFrame[]) => {
    for (const frame of frames) buffer.add(frame)
  }
  const frames = framesOf(picture)
  return {
    buffer,
    lost,
    sent,
    frames,
    hear,
    hearAll: () => hear(frames),
    feeder: newFeeder(fromMs),
    newFeeder,
    wait: (ms: number) => {
      nowMs += ms
    },
    /** Pumps ten times a second until all is sent. */
    settle: (feeder: Feeder) => {
      for (let turn = 0; turn < 1_000 && feeder.lagMs > 0; turn += 1) {
        nowMs += frameMs
        feeder.pump()
      }
    },
    sentFrames: () => sent.map(({ frame }) => frame),
  }
}

const span = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, index) => from + index)

describe('a feeder', () => {
  it('sends each frame at once as it is heard', () => {
    const { feeder, buffer, frames, sent, wait } = rig('#.'.repeat(20))
    for (const frame of frames) {
      buffer.add(frame)
      feeder.pump()
      wait(frameMs)
    }
    expect(sent).toEqual(span(0, 40).map(frame => ({ frame, atMs: 5_000 + frame * frameMs })))
    expect([feeder.sentMs, feeder.nextMs, feeder.lagMs]).toEqual([4_000, 4_000, 0])
  })

  it('sends a second of what waits at once, and the rest as fast as it is spoken', () => {
    const { feeder, hearAll, sent, wait } = rig('#'.repeat(30))
    hearAll()
    feeder.pump()
    expect([sent.length, feeder.lagMs]).toEqual([10, 2_000])
    wait(250)
    feeder.pump()
    expect([sent.length, feeder.lagMs]).toEqual([12, 1_800])
  })

  it('saves up no time in which there was nothing to send', () => {
    const { feeder, hearAll, sent, wait } = rig('#'.repeat(30))
    wait(60_000)
    feeder.pump()
    hearAll()
    feeder.pump()
    expect(sent).toHaveLength(10)
  })

  it('that lags leaves out silence but for its first 300 ms and the last frame before sound', () => {
    const { feeder, hearAll, settle, sentFrames } = rig(
      `##${'.'.repeat(10)}##...##${'.'.repeat(5)}${'#'.repeat(9)}`,
    )
    hearAll()
    settle(feeder)
    expect(sentFrames()).toEqual([...span(0, 5), ...span(11, 22), ...span(23, 33)])
  })

  it('leaves out nothing while it lags by a second or less', () => {
    const { feeder, hearAll, settle, sentFrames } = rig('.'.repeat(10))
    hearAll()
    settle(feeder)
    expect(sentFrames()).toEqual(span(0, 10))
  })

  it('keeps leaving silence out until it is near the live edge', () => {
    const { feeder, hearAll, settle, sentFrames } = rig(`${'#'.repeat(9)}${'.'.repeat(9)}##`)
    hearAll()
    settle(feeder)
    expect(sentFrames()).toEqual([...span(0, 12), ...span(17, 20)])
  })

  it('goes on across what was never captured, and does not call it lag', () => {
    const { feeder, hearAll, settle, sentFrames } = rig(`##${' '.repeat(600)}##`)
    hearAll()
    expect(feeder.lagMs).toBe(400)
    settle(feeder)
    expect(sentFrames()).toEqual([0, 1, 602, 603])
    expect([199, 200, 399].map(ms => feeder.toSessionMs(ms))).toEqual([199, 60_200, 60_399])
    expect(feeder.toSessionMs(200, 'end')).toBe(200)
  })

  it('goes on after what the buffer had to drop', () => {
    const { feeder, frames, hear, lost, settle, sentFrames } = rig('#'.repeat(30), { maxSeconds: 2 })
    hear(frames.slice(0, 15))
    feeder.pump()
    hear(frames.slice(15))
    expect(lost).toEqual(span(0, 10).map(index => index * frameMs))
    settle(feeder)
    expect(sentFrames()).toEqual(span(0, 30))

    const late = rig('#'.repeat(30), { maxSeconds: 2 })
    late.hearAll()
    expect(late.feeder.nextMs).toBe(1_000)
    late.settle(late.feeder)
    expect(late.sentFrames()).toEqual(span(10, 30))
    expect(late.feeder.toSessionMs(50)).toBe(1_050)
  })

  it('begins at its time, and is done where it stops', () => {
    const { feeder, hearAll, settle, sentFrames } = rig('#'.repeat(10), { fromMs: 300 })
    feeder.stopAt(700)
    expect([feeder.nextMs, feeder.isDone]).toEqual([300, false])
    hearAll()
    expect([feeder.lagMs, feeder.isDone]).toEqual([400, false])
    settle(feeder)
    expect(sentFrames()).toEqual([3, 4, 5, 6])
    expect([feeder.nextMs, feeder.lagMs, feeder.isDone]).toEqual([700, 0, true])
  })

  it('counts no frame that could not be sent', () => {
    const buffer = createSoundBuffer({ onLost: () => undefined })
    let isOpen = false
    const send = (): void => {
      if (!isOpen) throw new DOMException('The socket is closed.', 'InvalidStateError')
    }
    const feeder = createFeeder({ buffer, fromMs: 0, nowMs: () => 0, send })
    for (const frame of framesOf('###')) buffer.add(frame)
    expect(() => feeder.pump()).toThrow('The socket is closed.')
    expect([feeder.sentMs, feeder.nextMs]).toEqual([0, 0])
    isOpen = true
    feeder.pump()
    expect([feeder.sentMs, feeder.nextMs]).toEqual([300, 300])
  })

  it('takes times beyond what it sent as the end of it, and before as its start', () => {
    const { feeder, hearAll } = rig('####', { fromMs: 200 })
    expect(feeder.toSessionMs(5)).toBe(200)
    hearAll()
    feeder.pump()
    expect([feeder.toSessionMs(-20), feeder.toSessionMs(1_000)]).toEqual([200, 400])
  })
})

/** What is captured, and when: the picture goes on at the pace of the clock, but for a late start and stalls. */
const listening = fc.record({
  picture: fc
    .array(fc.tuple(fc.constantFrom('#', '.', ' '), fc.integer({ min: 1, max: 25 })), {
      minLength: 1,
      maxLength: 20,
    })
    .map(runs => runs.map(([character, length]) => character.repeat(length)).join('')),
  from: fc.integer({ min: 0, max: 30 }),
  headStart: fc.integer({ min: 0, max: 200 }),
  /** Between one pump and the next: the time that goes by, and the frames that come. */
  turns: fc.array(
    fc.record({
      waitMs: fc.double({ min: 0, max: 700, noNaN: true }),
      heard: fc.integer({ min: 0, max: 12 }),
    }),
    { maxLength: 80 },
  ),
})

type Listening = typeof listening extends fc.Arbitrary<infer Value> ? Value : never

const play = ({ picture, from, headStart, turns }: Listening, stop?: number) => {
  const played = rig(picture, { fromMs: from * frameMs })
  const { feeder, frames, hear, wait, settle } = played
  if (stop !== undefined) feeder.stopAt(stop * frameMs)
  let heard = headStart
  hear(frames.slice(0, heard))
  for (const turn of turns) {
    wait(turn.waitMs)
    hear(frames.slice(heard, heard + turn.heard))
    heard += turn.heard
    feeder.pump()
  }
  hear(frames.slice(heard))
  settle(feeder)
  return played
}

/** How much silence goes right before a frame, from where the feeder began. */
const silentBefore = (frames: readonly SoundFrame[], index: number): number => {
  const lastSound = frames.slice(0, index).findLastIndex(({ isSound }) => isSound)
  return (index - lastSound - 1) * frameMs
}

const followedBySilence = (buffer: SoundBuffer, frame: SoundFrame): boolean =>
  buffer.frameFrom(frame.startMs + frameMs)?.isSound === false

describe('whatever is heard, and whenever', () => {
  it('each frame is sent once and in order, or is left out as silence', () => {
    fc.assert(
      fc.property(listening, input => {
        const { buffer, frames, sentFrames } = play(input)
        const sent = sentFrames()
        expect(sent).toEqual([...new Set(sent)].toSorted((one, other) => one - other))
        const due = frames.filter(({ startMs }) => startMs >= input.from * frameMs)
        const isSent = new Set(sent)
        expect(sent.length).toBe(due.filter(({ samples: [id = -1] }) => isSent.has(id)).length)
        for (const [index, frame] of due.entries()) {
          if (isSent.has(frame.samples[0] ?? -1)) continue
          expect(frame.isSound).toBe(false)
          expect(silentBefore(due, index)).toBeGreaterThanOrEqual(300)
          expect(followedBySilence(buffer, frame)).toBe(true)
        }
      }),
    )
  })

  it('no span of time has more sent than it lasts, and a second', () => {
    fc.assert(
      fc.property(listening, input => {
        const { sent } = play(input)
        for (const [first, { atMs: fromMs }] of sent.entries()) {
          for (const [more, { atMs: toMs }] of sent.slice(first).entries()) {
            expect((more + 1) * frameMs).toBeLessThanOrEqual(toMs - fromMs + 1_000 + 1e-6)
          }
        }
      }),
    )
  })

  it('each moment of what was sent is mapped to the moment it was captured', () => {
    fc.assert(
      fc.property(listening, fc.integer({ min: 1, max: frameMs - 1 }), (input, intoMs) => {
        const { feeder, sentFrames } = play(input)
        for (const [index, frame] of sentFrames().entries()) {
          const socketMs = index * frameMs
          const startMs = frame * frameMs
          expect(feeder.toSessionMs(socketMs)).toBe(startMs)
          expect(feeder.toSessionMs(socketMs + intoMs)).toBe(startMs + intoMs)
          expect(feeder.toSessionMs(socketMs + intoMs, 'end')).toBe(startMs + intoMs)
          expect(feeder.toSessionMs(socketMs + frameMs, 'end')).toBe(startMs + frameMs)
        }
      }),
    )
  })

  it('a later moment is never mapped to an earlier one', () => {
    const moments = fc.array(fc.double({ min: -100, max: 60_000, noNaN: true }), {
      minLength: 2,
      maxLength: 50,
    })
    fc.assert(
      fc.property(listening, moments, fc.constantFrom('start', 'end'), (input, socketMs, edge) => {
        const { feeder } = play(input)
        const inOrder = socketMs.toSorted((one, other) => one - other)
        const mapped = inOrder.map(ms => feeder.toSessionMs(ms, edge))
        expect(mapped).toEqual(mapped.toSorted((one, other) => one - other))
      }),
    )
  })

  it('two sockets that meet at a seam are sent each frame once between them', () => {
    fc.assert(
      fc.property(listening, fc.integer({ min: 0, max: 12_000 }), (input, seamMs) => {
        const { frames, feeder, newFeeder, settle, sentFrames } = play(input, seamMs / frameMs)
        expect(feeder.lagMs).toBe(0)
        const first = sentFrames()
        const next = newFeeder(Math.max(seamMs, input.from * frameMs))
        settle(next)
        const second = sentFrames().slice(first.length)
        expect(first.every(frame => frame * frameMs < seamMs)).toBe(true)
        expect(second.every(frame => frame * frameMs >= seamMs)).toBe(true)
        const sent = new Set([...first, ...second])
        const heard = frames.filter(({ startMs, isSound }) => isSound && startMs >= input.from * frameMs)
        expect(heard.every(({ samples: [id = -1] }) => sent.has(id))).toBe(true)
      }),
    )
  })
})
