import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { Line } from '../../../../extension/captions/line.ts'
import type { SocketListener } from '../../../../extension/captions/socket.ts'
import { textOf } from '../../../../extension/captions/word.ts'
import { createSoundBuffer, type SoundBuffer } from '../../../../extension/capture/sound-buffer.ts'
import { frameOf } from './support/speech-script.ts'

let buffer: SoundBuffer
let listener: SocketListener
let sent: (string | Int16Array<ArrayBuffer>)[]
let finals: string[]
let isClosed: boolean
let bufferedBytes: number

beforeEach(() => {
  vi.useFakeTimers()
  buffer = createSoundBuffer({ onLost: () => undefined })
  sent = []
  finals = []
  isClosed = false
  bufferedBytes = 0
})
afterEach(() => {
  vi.useRealTimers()
})

const newLine = (): Line =>
  new Line({
    url: 'wss://speech.example.com/v3/ws?format_turns=true&token=t',
    clock: systemClock,
    buffer,
    onPending: () => undefined,
    openSocket: (_url, told) => {
      listener = told
      return {
        get bufferedBytes() {
          return bufferedBytes
        },
        send: data => sent.push(data),
        close: () => {
          isClosed = true
        },
      }
    },
  })

const say = (message: object): void => listener.onMessage(JSON.stringify(message))
const begin = (): void => say({ type: 'Begin', id: '1', expires_at: 0 })
const turn = (text: string, ended: boolean, order = 0): void =>
  say({
    type: 'Turn',
    turn_order: order,
    end_of_turn: ended,
    turn_is_formatted: ended,
    transcript: text,
    words: text.split(' ').map((word, index) => ({ text: word, start: index * 500, end: index * 500 + 400 })),
  })

/** Captures so many frames, each a tenth of a second. */
const capture = (line: Line, frames: number, isSound = true): void => {
  for (let count = 0; count < frames; count++) {
    const startMs = buffer.endMs
    buffer.add({ startMs, samples: frameOf(startMs / 100, isSound), isSound })
    vi.advanceTimersByTime(100)
    line.pump()
  }
}

const opened = async (fromMs = 0): Promise<Line> => {
  const line = newLine()
  begin()
  expect(await line.opened).toBe(true)
  line.feedFrom(fromMs, words => finals.push(textOf(words)))
  return line
}

describe('a line that is connecting', () => {
  it('is open once its session has begun', async () => {
    const line = newLine()
    expect(line.isOpen).toBe(false)
    begin()
    expect(await line.opened).toBe(true)
    expect(line.isOpen).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is broken after ten seconds', async () => {
    const line = newLine()
    vi.advanceTimersByTime(10_000)
    expect(await line.opened).toBe(false)
    expect(await line.ended).toEqual({ kind: 'broken', code: 1006 })
    expect(isClosed).toBe(true)
  })

  it('is broken with the code that it is closed with', async () => {
    const line = newLine()
    listener.onClosed(1008, 'Unauthorized')
    expect(await line.opened).toBe(false)
    expect(await line.ended).toEqual({ kind: 'broken', code: 1008 })
  })

  it('is closed where it is not wanted any more', async () => {
    const line = newLine()
    line.terminate()
    expect(await line.ended).toEqual({ kind: 'terminated' })
    expect(await line.opened).toBe(false)
    expect(sent).toEqual([])
  })

  it('is broken where the browser takes no such address', async () => {
    const line = new Line({
      url: 'wss://speech.example.com/',
      clock: systemClock,
      buffer,
      onPending: () => undefined,
      openSocket: () => {
        throw new SyntaxError('No.')
      },
    })
    expect(await line.opened).toBe(false)
  })
})

describe('a line that is open', () => {
  it('is sent the sound from where it begins, and tells each turn once', async () => {
    const line = await opened()
    capture(line, 20)
    turn('hello there', false)
    expect(textOf(line.pending)).toBe('hello there')
    turn('Hello there.', true)
    expect(finals).toEqual(['Hello there.'])
    expect(line.pending).toEqual([])
    expect(sent).toHaveLength(20)
    expect(line.sentToMs).toBe(2_000)
  })

  it('has words in session time', async () => {
    const line = newLine()
    capture(line, 50)
    begin()
    await line.opened
    line.feedFrom(4_000, words => finals.push(...words.map(({ startMs }) => String(startMs))))
    capture(line, 30)
    turn('Hello there.', true)
    expect(finals).toEqual(['4000', '4500'])
  })

  it('is broken when it is closed, and keeps what was not final', async () => {
    const line = await opened()
    capture(line, 20)
    turn('hello', false)
    listener.onClosed(3005, 'error')
    expect(await line.ended).toEqual({ kind: 'broken', code: 3005 })
    expect(textOf(line.pending)).toBe('hello')
    capture(line, 5)
    expect(sent).toHaveLength(20)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('is broken when its bytes do not leave', async () => {
    const line = await opened()
    for (let second = 0; second <= 6; second++) {
      bufferedBytes += 32_000
      line.check()
      capture(line, 10, false)
    }
    expect(await line.ended).toEqual({ kind: 'broken', code: 1006 })
    expect(line.isNoticedLate).toBe(true)
  })
})

describe('sound that must be sent again when a line is lost', () => {
  it('is that since the last word that is final, and a second before', async () => {
    const line = await opened()
    capture(line, 60)
    turn('one two three four five', true)
    expect(line.unheardFromMs).toBe(3_000)
  })

  it('is that from before the first word that is not final', async () => {
    const line = await opened()
    capture(line, 60)
    turn('one', true)
    turn('one two three', false, 1)
    expect(line.unheardFromMs).toBe(0)
  })

  it('is that of the last three seconds, where all else was silence', async () => {
    const line = await opened()
    capture(line, 300, false)
    expect(line.unheardFromMs).toBe(27_000)
  })

  it('is that since three seconds before the vendor last said something, and at most twenty', async () => {
    const line = await opened()
    capture(line, 100)
    turn('one', true)
    capture(line, 80)
    expect(line.unheardFromMs).toBe(7_000)
    capture(line, 200)
    expect(line.unheardFromMs).toBe(18_000)
  })

  it('is as much, however long a silence the line has left out to catch up', async () => {
    const line = newLine()
    begin()
    await line.opened
    capture(line, 100)
    capture(line, 300, false)
    capture(line, 100)
    line.feedFrom(0, () => undefined)
    capture(line, 150)
    expect(line.sentToMs).toBeGreaterThan(40_000)
    expect(line.unheardFromMs).toBe(0)
  })

  it('does not lie before what the line was fed', async () => {
    const line = newLine()
    capture(line, 100)
    begin()
    await line.opened
    line.feedFrom(9_000, () => undefined)
    expect(line.unheardFromMs).toBe(9_000)
  })
})

describe('a line that is ended', () => {
  it('has ended once its last turns are there', async () => {
    const line = await opened()
    capture(line, 20)
    line.stopAt(2_000)
    line.terminate()
    expect(sent.at(-1)).toBe('{"type":"Terminate"}')
    turn('Hello there.', true)
    say({ type: 'Termination', audio_duration_seconds: 2, session_duration_seconds: 2 })
    expect(await line.ended).toEqual({ kind: 'terminated' })
    expect(finals).toEqual(['Hello there.'])
    expect(isClosed).toBe(true)
  })

  it('gives an unformatted turn out as it is', async () => {
    const line = await opened()
    line.terminate()
    say({
      type: 'Turn',
      turn_order: 0,
      end_of_turn: true,
      transcript: 'hello',
      words: [{ text: 'hello', start: 0, end: 300 }],
    })
    say({ type: 'Termination' })
    await line.ended
    expect(finals).toEqual(['hello'])
  })

  it('is waited for as long as turns come, and is broken after five seconds without', async () => {
    const line = await opened()
    line.terminate()
    vi.advanceTimersByTime(4_000)
    turn('hello', false)
    vi.advanceTimersByTime(4_000)
    turn('hello there', false)
    vi.advanceTimersByTime(4_999)
    expect(isClosed).toBe(false)
    vi.advanceTimersByTime(1)
    expect(await line.ended).toEqual({ kind: 'broken', code: 1006 })
    expect(textOf(line.pending)).toBe('hello there')
  })

  it('is not waited for longer than a quarter of a minute', async () => {
    const line = await opened()
    line.terminate()
    for (let second = 0; second < 15; second++) {
      vi.advanceTimersByTime(1_000)
      turn('hello', false)
    }
    expect(await line.ended).toMatchObject({ kind: 'broken' })
  })
})
