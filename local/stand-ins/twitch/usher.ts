import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { recordingPath } from './cdn.ts'
import type { Channel } from './channels.ts'
import { usherError } from './errors.ts'
import type { PlaybackSubject, PlaybackTokens } from './playback-token.ts'
import { masterPlaylist, playlistType, type UsherVersion } from './playlists.ts'
import type { Service } from './service.ts'
import { watch } from './watch.ts'

/** Never to be resolved: `.invalid` is reserved for that (RFC 2606). */
const elsewhere = 'https://media.invalid'

/** Taken for missing where it comes twice. */
const Parameter = z.string().optional().catch(undefined)

/** The signature and the value have other names in the addresses for what is on air, and in those of yt-dlp. */
const Query = z.object({
  nauth: Parameter,
  nauthsig: Parameter,
  token: Parameter,
  sig: Parameter,
  allow_audio_only: Parameter,
})

const vodPaths = [
  ['/vod/:id(^\\d+).m3u8', 1],
  ['/vod/v2/:id(^\\d+).m3u8', 2],
] as const
const livePaths = [
  ['/api/channel/hls/:login(^\\w+).m3u8', 1],
  ['/api/v2/channel/hls/:login(^\\w+).m3u8', 2],
] as const

/** The master playlists of `usher.ttvnw.net`, in both versions. */
export function addUsher(app: FastifyInstance, service: Service, playbackTokens: PlaybackTokens): void {
  app.addHook('onRequest', watch(service, 'usher'))

  for (const [path, version] of vodPaths) {
    app.get(path, async (request, reply) => {
      const { id } = z.object({ id: z.string() }).parse(request.params)
      checkToken(request, { vodId: id }, playbackTokens)
      const recording = service.recordings.find(candidate => candidate.id === id)
      if (!recording) throw usherError(404, request.url, 'Can not find vod', 'vod_does_not_exist')
      if (recording.subscribersOnly) {
        throw usherError(403, request.url, 'Manifest is restricted', 'vod_manifest_restricted')
      }
      const base = `${service.publicUrl}/cdn/${recordingPath(recording)}`
      return sendMaster(
        request,
        reply,
        recording.channel,
        version,
        rendition => `${base}/${rendition}/index-dvr.m3u8`,
      )
    })
  }

  for (const [path, version] of livePaths) {
    app.get(path, async (request, reply) => {
      const { login } = z.object({ login: z.string() }).parse(request.params)
      checkToken(request, { login }, playbackTokens)
      const broadcaster = service.broadcasters.find(({ channel }) => channel.login === login)
      if (!broadcaster?.stream) {
        throw usherError(404, request.url, 'Can not find channel', 'transcode_does_not_exist')
      }
      return sendMaster(
        request,
        reply,
        broadcaster.channel,
        version,
        rendition => `${service.publicUrl}/live/${login}/${rendition}/index.m3u8`,
      )
    })
  }
}

function checkToken(request: FastifyRequest, subject: PlaybackSubject, tokens: PlaybackTokens): void {
  const query = Query.parse(request.query)
  const value = query.nauth ?? query.token ?? ''
  const signature = query.nauthsig ?? query.sig ?? ''
  if (!tokens.isGood({ value, signature }, subject)) {
    throw usherError(403, request.url, 'Token is not valid', 'nauth_token_invalid')
  }
}

function sendMaster(
  request: FastifyRequest,
  reply: FastifyReply,
  channel: Channel,
  version: UsherVersion,
  urlOf: (renditionId: string) => string,
): FastifyReply {
  if (channel.trouble === 'redirect_elsewhere') return reply.redirect(`${elsewhere}${request.url}`, 302)
  const isElsewhere = channel.trouble === 'playlist_elsewhere'
  return reply.type(playlistType).send(
    masterPlaylist(channel, {
      version,
      allowAudioOnly: Query.parse(request.query).allow_audio_only === 'true',
      urlOf: isElsewhere ? rendition => `${elsewhere}/${rendition}/index-dvr.m3u8` : urlOf,
    }),
  )
}
