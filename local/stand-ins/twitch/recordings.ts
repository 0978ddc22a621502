import type { Channel, MutedPart, RecordingPlan } from './channels.ts'

/** How long the pieces of a recording are, as Twitch cuts them. */
export const ARCHIVE_SEGMENT_SECONDS = 10

/** A channel with its ids and its times. */
export interface Broadcaster {
  userId: string
  channel: Channel
  /** What is on air; null while it is offline. */
  stream: { id: string; startedAtMs: number } | null
  /** Newest first. */
  recordings: Recording[]
}

/** A recording with its ids and its times. */
export interface Recording {
  id: string
  streamId: string
  channel: Channel
  startedAtMs: number
  /** Infinity while it grows. */
  endsAtMs: number
  subscribersOnly: boolean
  muted: MutedPart[] | 'all'
}

const minuteMs = 60_000

/** Gives each channel its ids, and its times as counted from the stand-in's start. */
export function toBroadcasters(channels: readonly Channel[], startMs: number): Broadcaster[] {
  return channels.map((channel, index) => {
    const streamId = (number: number) => String(51_000_000_000 + index * 10 + number)
    const recordings = channel.recordings.map((plan, number) =>
      toRecording(channel, plan, startMs, {
        id: String(2_300_000_000 + index * 10 + number),
        streamId: streamId(plan.minutes === undefined ? 0 : number + 1),
      }),
    )
    const { liveMinutes } = channel
    const stream =
      liveMinutes === undefined ? null : { id: streamId(0), startedAtMs: startMs - liveMinutes * minuteMs }
    return { userId: String(41_000_000 + index), channel, stream, recordings }
  })
}

function toRecording(
  channel: Channel,
  plan: RecordingPlan,
  startMs: number,
  ids: { id: string; streamId: string },
): Recording {
  const startedAtMs = startMs - plan.startedMinutesAgo * minuteMs
  return {
    ...ids,
    channel,
    startedAtMs,
    endsAtMs: plan.minutes === undefined ? Number.POSITIVE_INFINITY : startedAtMs + plan.minutes * minuteMs,
    subscribersOnly: plan.subscribersOnly ?? false,
    muted: plan.muted ?? [],
  }
}

/** Whether a recording has its end. */
export function hasEnded(recording: Recording, nowMs: number): boolean {
  return recording.endsAtMs <= nowMs
}

/** How much of a recording there is. */
export function recordedSeconds(recording: Recording, nowMs: number): number {
  return Math.max(0, (Math.min(recording.endsAtMs, nowMs) - recording.startedAtMs) / 1_000)
}

/** The parts that are muted, each cut at what is recorded. */
export function mutedParts(recording: Recording, nowMs: number): MutedPart[] {
  const seconds = Math.floor(recordedSeconds(recording, nowMs))
  const parts = recording.muted === 'all' ? [{ offset: 0, duration: seconds }] : recording.muted
  return parts.flatMap(({ offset, duration }) =>
    offset >= seconds ? [] : [{ offset, duration: Math.min(duration, seconds - offset) }],
  )
}

/** A piece of a recording. */
export interface ArchiveSegment {
  index: number
  startSeconds: number
  endSeconds: number
  isMuted: boolean
}

/** The pieces that there are: whole ones while the recording grows, and with the remainder once it has ended. */
export function segmentsOf(recording: Recording, nowMs: number): ArchiveSegment[] {
  const seconds = recordedSeconds(recording, nowMs)
  const count = seconds / ARCHIVE_SEGMENT_SECONDS
  const length = hasEnded(recording, nowMs) ? Math.ceil(count) : Math.floor(count)
  return Array.from({ length }, (_, index) => {
    const startSeconds = index * ARCHIVE_SEGMENT_SECONDS
    const endSeconds = Math.min(startSeconds + ARCHIVE_SEGMENT_SECONDS, seconds)
    return { index, startSeconds, endSeconds, isMuted: isMuted(recording, startSeconds, endSeconds) }
  })
}

function isMuted({ muted }: Recording, startSeconds: number, endSeconds: number): boolean {
  if (muted === 'all') return true
  return muted.some(({ offset, duration }) => offset < endSeconds && offset + duration > startSeconds)
}
