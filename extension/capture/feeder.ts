import { frameMs, type SoundFrame } from './sound.ts'
import type { SoundBuffer } from './sound-buffer.ts'

/** AssemblyAI closes a socket (3007) that is sent sound faster than real time, and does not say how much it bears. */
const mostAheadMs = 1_000
/** With more to send than this, silence is left out, until the feeder is near the live edge again. */
const catchUpFromMs = 1_000
const caughtUpMs = 2 * frameMs
/** How much of each stretch of silence is sent all the same: speech recognition ends a turn by it. */
const keptSilenceMs = 300

export interface FeederOptions {
  readonly buffer: SoundBuffer
  /** Session time: the first frame to be sent is the first that begins here or later. */
  readonly fromMs: number
  /** Sends one frame. Where it throws, the frame counts as not sent. */
  readonly send: (samples: Int16Array<ArrayBuffer>) => void
  /** A clock that never goes back, such as `performance.now`. */
  readonly nowMs: () => number
}

/**
 * Feeds one socket from a session's sound. Make it when the socket takes sound, and call `pump` whenever a frame was
 * added and every 100 ms or so: what is due is sent then.
 *
 * In any span of time it sends at most that span's worth of sound and a second. Where it lags behind by more than a
 * second it leaves out silence, but never sound, nor the first 300 ms of a silence, nor the last frame before sound.
 */
export interface Feeder {
  /** Session time of the next frame to be sent. */
  readonly nextMs: number
  /** Sound in the buffer that it has yet to send, up to where it stops. */
  readonly lagMs: number
  /** How much sound it has sent in all: what the vendor has heard. */
  readonly sentMs: number
  /** Whether all sound before the time given to `stopAt` was sent or left out. */
  readonly isDone: boolean
  pump(): void
  /**
   * Sends no frame that begins at this session time or later. The feeder that goes on from there is made with it as
   * `fromMs`: each frame belongs to exactly one of them.
   */
  stopAt(ms: number): void
  /**
   * Maps the vendor's times, in ms of the sound that this socket was sent, to session time. Times beyond what was
   * sent are taken as its end.
   *
   * @param edge what is mapped: where it falls between two frames that were not neighbours, the start of a word
   *   belongs to the later one, its end to the earlier
   */
  toSessionMs(socketMs: number, edge?: 'start' | 'end'): number
}

/** From here on, until the next run, socket time and session time go together. */
interface Run {
  readonly socketMs: number
  readonly sessionMs: number
}

export function createFeeder({ buffer, fromMs, send, nowMs }: FeederOptions): Feeder {
  const runs: Run[] = []
  let nextMs = fromMs
  let stopMs = Number.POSITIVE_INFINITY
  let sentMs = 0
  let aheadMs = 0
  let drainedAtMs = nowMs()
  let silentMs = 0
  let isCatchingUp = false

  const lagMs = (): number => buffer.heldMs(nextMs, stopMs)

  const comingMs = (): number => buffer.frameFrom(nextMs)?.startMs ?? nextMs

  const nextFrame = (): SoundFrame | undefined => {
    const frame = buffer.frameFrom(nextMs)
    return frame && frame.startMs < stopMs ? frame : undefined
  }

  /** What was sent ahead of time is made up for as time goes by; time gone by unused is not saved up. */
  const drain = (): void => {
    const now = nowMs()
    aheadMs = Math.max(0, aheadMs - (now - drainedAtMs))
    drainedAtMs = now
  }

  const isLeftOut = (frame: SoundFrame): boolean => {
    const lag = lagMs()
    isCatchingUp = lag > (isCatchingUp ? caughtUpMs : catchUpFromMs)
    if (!isCatchingUp || frame.isSound || silentMs < keptSilenceMs) return false
    return buffer.frameFrom(frame.startMs + frameMs)?.isSound === false
  }

  const pass = (frame: SoundFrame): void => {
    nextMs = frame.startMs + frameMs
    silentMs = frame.isSound ? 0 : silentMs + frameMs
  }

  const sendFrame = (frame: SoundFrame): void => {
    send(frame.samples)
    const run = runs.at(-1)
    if (!run || sentMs - run.socketMs !== frame.startMs - run.sessionMs) {
      runs.push({ socketMs: sentMs, sessionMs: frame.startMs })
    }
    sentMs += frameMs
    aheadMs += frameMs
    pass(frame)
  }

  return {
    get nextMs() {
      return comingMs()
    },
    get lagMs() {
      return lagMs()
    },
    get sentMs() {
      return sentMs
    },
    get isDone() {
      return comingMs() >= stopMs
    },
    pump: () => {
      drain()
      for (let frame = nextFrame(); frame; frame = nextFrame()) {
        if (isLeftOut(frame)) pass(frame)
        else if (aheadMs + frameMs <= mostAheadMs) sendFrame(frame)
        else return
      }
    },
    stopAt: ms => {
      stopMs = ms
    },
    toSessionMs: (socketMs, edge = 'start') => {
      const ms = Math.min(Math.max(socketMs, 0), sentMs)
      const run =
        runs.findLast(({ socketMs: from }) => (edge === 'start' ? from <= ms : from < ms)) ?? runs[0]
      return run ? run.sessionMs + ms - run.socketMs : fromMs
    },
  }
}
