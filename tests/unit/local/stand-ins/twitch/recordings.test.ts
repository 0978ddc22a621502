import { describe, expect, test } from 'vitest'
import { type Channel, channels } from '../../../../../local/stand-ins/twitch/channels.ts'
import { toDuration } from '../../../../../local/stand-ins/twitch/helix.ts'
import {
  mutedParts,
  type Recording,
  segmentsOf,
  toBroadcasters,
} from '../../../../../local/stand-ins/twitch/recordings.ts'

const startMs = Date.parse('2026-03-01T12:00:00Z')
const minuteMs = 60_000

function recordingOf(channel: Partial<Channel>): Recording {
  const [broadcaster] = toBroadcasters([{ login: 'one', purpose: '', recordings: [], ...channel }], startMs)
  const recording = broadcaster?.recordings[0]
  if (!recording) throw new Error('There is no recording.')
  return recording
}

describe('channels', () => {
  test('have logins and ids of their own', () => {
    const broadcasters = toBroadcasters(channels, startMs)
    const recordings = broadcasters.flatMap(broadcaster => broadcaster.recordings)
    const unique = (values: string[]) => expect(new Set(values).size).toBe(values.length)
    unique(channels.map(({ login }) => login))
    unique(broadcasters.map(({ userId }) => userId))
    unique(recordings.map(({ id }) => id))
    unique(recordings.map(({ streamId }) => streamId))
  })

  test('have logins as Twitch allows them', () => {
    for (const { login } of channels) expect(login).toMatch(/^[a-z0-9_]{4,25}$/)
  })
})

describe('segments', () => {
  test('follow one another from the beginning, whole ones alone while the recording grows', () => {
    const recording = recordingOf({ recordings: [{ startedMinutesAgo: 1 }] })
    const times = (nowMs: number) =>
      segmentsOf(recording, nowMs).map(({ startSeconds, endSeconds }) => [startSeconds, endSeconds])
    expect(times(startMs - minuteMs)).toEqual([])
    expect(times(startMs - minuteMs + 29_999)).toEqual([
      [0, 10],
      [10, 20],
    ])
  })

  test('stop with the recording, and the last one holds the remainder', () => {
    const recording = recordingOf({ recordings: [{ startedMinutesAgo: 10, minutes: 0.4 }] })
    expect(segmentsOf(recording, startMs).map(({ endSeconds }) => endSeconds)).toEqual([10, 20, 24])
  })

  test('are muted where any of their sound is', () => {
    const muted = [{ offset: 15, duration: 10 }]
    const recording = recordingOf({ recordings: [{ startedMinutesAgo: 1, muted }] })
    const isMuted = segmentsOf(recording, startMs).map(segment => segment.isMuted)
    expect(isMuted).toEqual([false, true, true, false, false, false])
  })
})

test('muted parts go no further than what is recorded', () => {
  const muted = [
    { offset: 0, duration: 5 },
    { offset: 20, duration: 30 },
    { offset: 90, duration: 30 },
  ]
  const recording = recordingOf({ recordings: [{ startedMinutesAgo: 1, muted }] })
  expect(mutedParts(recording, startMs - 30_000)).toEqual([
    { offset: 0, duration: 5 },
    { offset: 20, duration: 10 },
  ])
})

test.each([
  [0.9, '0s'],
  [21, '21s'],
  [201, '3m21s'],
  [3_600, '1h0m0s'],
  [11_313, '3h8m33s'],
])('%d seconds are written %s', (seconds, duration) => {
  expect(toDuration(seconds)).toBe(duration)
})
