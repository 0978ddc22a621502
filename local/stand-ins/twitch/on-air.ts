import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { accessDenied } from './errors.ts'
import { livePlaylist, liveSegment, liveSegments, playlistType, renditionId } from './playlists.ts'
import { tsSegment } from './segments.ts'
import type { Service } from './service.ts'
import type { Sounds } from './sound.ts'
import { watch } from './watch.ts'

const Place = z.object({ login: z.string(), rendition: renditionId, file: z.string().default('') })

/** The playlists and pieces of what is on air, each rendition with the same sound. */
export function addOnAir(app: FastifyInstance, service: Service, soundOf: Sounds): void {
  const find = (params: unknown) => {
    const place = Place.safeParse(params)
    const broadcaster = service.broadcasters.find(({ channel }) => channel.login === place.data?.login)
    if (!place.success || !broadcaster?.stream) throw accessDenied()
    return { ...broadcaster.stream, channel: broadcaster.channel, file: place.data.file }
  }

  app.get(
    '/:login/:rendition/index.m3u8',
    { onRequest: watch(service, 'playlist') },
    async (request, reply) =>
      reply.type(playlistType).send(livePlaylist(find(request.params).startedAtMs, service.now())),
  )

  app.get('/:login/:rendition/:file', { onRequest: watch(service, 'segment') }, async (request, reply) => {
    const { channel, startedAtMs, file } = find(request.params)
    const index = liveSegments(startedAtMs, service.now()).find(candidate => `${candidate}.ts` === file)
    if (index === undefined) throw accessDenied()
    const { startSeconds, endSeconds } = liveSegment(index)
    const loop = await soundOf(channel.sound ?? 'speech')
    return reply.type('video/mp2t').send(await tsSegment(loop, startSeconds, endSeconds))
  })
}
