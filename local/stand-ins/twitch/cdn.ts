import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply } from 'fastify'
import * as z from 'zod'
import type { Trouble } from './channels.ts'
import { accessDenied, cdnError } from './errors.ts'
import { archivePlaylist, initFile, playlistType, renditionId, segmentFile } from './playlists.ts'
import { type ArchiveSegment, type Recording, segmentsOf } from './recordings.ts'
import { mp4Init, mp4Segment, tsSegment } from './segments.ts'
import type { Service } from './service.ts'
import type { Sounds } from './sound.ts'
import { watch } from './watch.ts'

const slowSegmentMs = 1_500
const flakyEvery = 3

const Place = z.object({ place: z.string(), rendition: renditionId, file: z.string().default('') })

/** Where a recording is on the CDN. */
export function recordingPath({ id, channel, streamId, startedAtMs }: Recording): string {
  return `${channel.login}_${streamId}_${Math.floor(startedAtMs / 1_000)}_${id}`
}

/** The playlists and pieces of recordings, each rendition with the same sound. */
export function addCdn(app: FastifyInstance, service: Service, soundOf: Sounds): void {
  const failedOnce = new Set<string>()
  const find = (params: unknown) => {
    const place = Place.safeParse(params)
    const recording = service.recordings.find(candidate => recordingPath(candidate) === place.data?.place)
    if (!place.success || !recording) throw accessDenied()
    return { recording, file: place.data.file }
  }

  const onPlaylist = watch(service, 'playlist')
  app.get('/:place/:rendition/index-dvr.m3u8', { onRequest: onPlaylist }, async (request, reply) => {
    const { recording } = find(request.params)
    if (recording.channel.trouble === 'broken_playlist') {
      return reply.type('text/html').send('<!doctype html><title>Please wait</title><p>We’ll be right back.')
    }
    return reply.type(playlistType).send(archivePlaylist(recording, service.now()))
  })

  const onSegment = watch(service, 'segment')
  app.get('/:place/:rendition/:file', { onRequest: onSegment }, async (request, reply) => {
    const { recording, file } = find(request.params)
    const { channel } = recording
    if (file === initFile && channel.container === 'mp4') {
      return reply.type('video/mp4').send(await mp4Init(await soundOf('silence')))
    }
    const segment = segmentsOf(recording, service.now()).find(
      candidate => segmentFile(channel, candidate) === file,
    )
    if (!segment) throw accessDenied()
    await beTroubled(channel.trouble, segment, request.url, failedOnce)
    return sendSegment(reply, recording, segment, soundOf)
  })
}

async function beTroubled(
  trouble: Trouble | undefined,
  { index }: ArchiveSegment,
  url: string,
  failedOnce: Set<string>,
): Promise<void> {
  if (trouble === 'forbidden_segments') throw accessDenied()
  if (trouble === 'slow_segments') await sleep(slowSegmentMs, undefined, { ref: false })
  // A failure is remembered until the next request for the same, which gets what it asks for.
  if (trouble === 'flaky_segments' && index % flakyEvery === 0 && !failedOnce.delete(url)) {
    failedOnce.add(url)
    throw cdnError(500, 'InternalError', 'We encountered an internal error. Please try again.')
  }
}

async function sendSegment(
  reply: FastifyReply,
  { channel }: Recording,
  { startSeconds, endSeconds, isMuted }: ArchiveSegment,
  soundOf: Sounds,
): Promise<FastifyReply> {
  const loop = await soundOf(isMuted ? 'silence' : (channel.sound ?? 'speech'))
  const isMp4 = channel.container === 'mp4'
  const make = isMp4 ? mp4Segment : tsSegment
  const bytes = await make(loop, startSeconds, endSeconds)
  reply.type(isMp4 ? 'video/mp4' : 'video/mp2t')
  if (channel.trouble !== 'stalling_segments') return reply.send(bytes)
  return reply.header('content-length', bytes.length).send(halfOf(bytes))
}

/** Gives half of the bytes, and never ends. */
function halfOf(bytes: Uint8Array): Readable {
  const half = [bytes.subarray(0, bytes.length / 2)]
  return new Readable({
    read() {
      const next = half.pop()
      if (next) this.push(next)
    },
  })
}
