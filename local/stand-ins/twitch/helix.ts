import type { FastifyInstance, FastifyRequest } from 'fastify'
import * as z from 'zod'
import { apiError } from './errors.ts'
import { createRateLimit } from './rate-limit.ts'
import { type Broadcaster, mutedParts, type Recording, recordedSeconds } from './recordings.ts'
import type { Service } from './service.ts'
import { watch } from './watch.ts'

/** One value of a parameter, or several: Twitch takes it repeated. */
const Values = z.union([z.string().transform(value => [value]), z.array(z.string())]).default([])
const Login = z.string().regex(/^[A-Za-z0-9_]{1,25}$/)
const Id = z.string().regex(/^\d+$/)

const UsersQuery = z.object({
  login: Values.pipe(z.array(Login).max(100)),
  id: Values.pipe(z.array(Id).max(100)),
})
const StreamsQuery = z.object({
  user_login: Values.pipe(z.array(Login).max(100)),
  user_id: Values.pipe(z.array(Id).max(100)),
})
const VideosQuery = z.object({
  id: Values.pipe(z.array(Id).max(100)),
  user_id: Id.optional(),
  type: z.enum(['all', 'archive', 'highlight', 'upload']).default('all'),
  first: z.coerce.number().int().min(1).max(100).default(20),
  after: z.coerce.number().int().min(0).default(0),
})

/**
 * Helix, as far as https://dev.twitch.tv/docs/api/reference/ describes Get Users, Get Streams and Get Videos, for an
 * app access token.
 */
export function addHelix(app: FastifyInstance, service: Service): void {
  const takePoint = createRateLimit(service.now)
  app.addHook('onRequest', watch(service, 'helix'))
  app.addHook('onRequest', async (request, reply) => {
    authenticate(request, service)
    reply.headers(takePoint())
  })

  app.get('/users', async request => {
    const { login, id } = parse(UsersQuery, request.query)
    if (login.length + id.length === 0) throw apiError(400, 'Must provide an ID, Login or OAuth Token')
    const isAsked = asked(login, id)
    return { data: service.broadcasters.filter(isAsked).map(toUser) }
  })

  app.get('/streams', async request => {
    const { user_login, user_id } = parse(StreamsQuery, request.query)
    const isAsked = user_login.length + user_id.length === 0 ? () => true : asked(user_login, user_id)
    return { data: service.broadcasters.filter(isAsked).flatMap(toStreams), pagination: {} }
  })

  app.get('/videos', async request => {
    const query = parse(VideosQuery, request.query)
    const found = service.broadcasters.flatMap(broadcaster =>
      broadcaster.recordings
        .filter(recording => broadcaster.userId === query.user_id || query.id.includes(recording.id))
        .map(recording => toVideo(broadcaster, recording, service.now())),
    )
    if (query.user_id === undefined && query.id.length === 0) {
      throw apiError(400, 'Must provide one of the following query params: id, user_id, game_id')
    }
    const ofType = query.type === 'all' || query.type === 'archive' ? found : []
    const end = query.after + query.first
    return {
      data: ofType.slice(query.after, end),
      pagination: end < ofType.length ? { cursor: String(end) } : {},
    }
  })
}

function authenticate(request: FastifyRequest, { clientId, tokens }: Service): void {
  const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1]
  if (token === undefined) throw apiError(401, 'OAuth token is missing')
  const givenId = request.headers['client-id']
  if (givenId === undefined) throw apiError(401, 'Client ID is missing')
  if (!tokens.isGood(token)) throw apiError(401, 'Invalid OAuth token')
  if (clientId !== undefined && givenId !== clientId) {
    throw apiError(401, 'Client ID and OAuth token do not match')
  }
}

function parse<T>(schema: z.ZodType<T>, query: unknown): T {
  const parsed = schema.safeParse(query)
  if (parsed.success) return parsed.data
  throw apiError(400, `The parameter "${parsed.error.issues[0]?.path[0]?.toString()}" was malformed.`)
}

function asked(logins: string[], ids: string[]): (broadcaster: Broadcaster) => boolean {
  const lowerCase = logins.map(login => login.toLowerCase())
  return ({ channel, userId }) => lowerCase.includes(channel.login) || ids.includes(userId)
}

/** `speaks_often` is shown as `Speaks_Often`. */
function displayName(login: string): string {
  return login.replaceAll(/(^|_)[a-z]/g, letters => letters.toUpperCase())
}

function toUser({ userId, channel }: Broadcaster) {
  return {
    id: userId,
    login: channel.login,
    display_name: displayName(channel.login),
    type: '',
    broadcaster_type: 'affiliate',
    description: channel.purpose,
    profile_image_url: '',
    offline_image_url: '',
    view_count: 0,
    created_at: '2016-12-14T20:32:28Z',
  }
}

function toStreams({ userId, channel, stream }: Broadcaster) {
  if (stream === null) return []
  return [
    {
      id: stream.id,
      user_id: userId,
      user_login: channel.login,
      user_name: displayName(channel.login),
      game_id: '509658',
      game_name: 'Just Chatting',
      type: 'live',
      title: channel.purpose,
      tags: ['English'],
      viewer_count: 78,
      started_at: toTime(stream.startedAtMs),
      language: 'en',
      thumbnail_url: '',
      tag_ids: [],
      is_mature: false,
    },
  ]
}

function toVideo({ userId, channel }: Broadcaster, recording: Recording, nowMs: number) {
  const muted = mutedParts(recording, nowMs)
  return {
    id: recording.id,
    stream_id: recording.streamId,
    user_id: userId,
    user_login: channel.login,
    user_name: displayName(channel.login),
    title: channel.purpose,
    description: '',
    created_at: toTime(recording.startedAtMs),
    published_at: toTime(recording.startedAtMs),
    url: `https://www.twitch.tv/videos/${recording.id}`,
    thumbnail_url: '',
    viewable: 'public',
    view_count: 12,
    language: 'en',
    type: 'archive',
    duration: toDuration(recordedSeconds(recording, nowMs)),
    muted_segments: muted.length === 0 ? null : muted,
  }
}

/** RFC 3339 without fractions of a second. */
function toTime(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z')
}

/** As ISO 8601 without its letters at the front: `3h8m33s`, `21s`. */
export function toDuration(seconds: number): string {
  const whole = Math.floor(seconds)
  const hours = Math.floor(whole / 3_600)
  const minutes = Math.floor((whole % 3_600) / 60)
  const rest = `${whole % 60}s`
  if (hours > 0) return `${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}
