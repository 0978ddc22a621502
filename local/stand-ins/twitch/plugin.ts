import type { FastifyError, FastifyPluginAsync } from 'fastify'
import * as z from 'zod'
import { addCdn } from './cdn.ts'
import { channels } from './channels.ts'
import { applyChange, ControlChange, initialControl } from './control.ts'
import { createCounts } from './counts.ts'
import { apiError, TwitchError } from './errors.ts'
import { addGql } from './gql.ts'
import { addHelix } from './helix.ts'
import { addIdentity } from './identity.ts'
import { addOnAir } from './on-air.ts'
import { channelsPage } from './page.ts'
import { PlaybackTokens } from './playback-token.ts'
import { toBroadcasters } from './recordings.ts'
import type { Service } from './service.ts'
import { createSounds } from './sound.ts'
import { createTokens } from './tokens.ts'
import { addUsher } from './usher.ts'

/** How the stand-in is set up. */
export interface TwitchStandInOptions {
  /** Where the stand-in is reached from this machine, its prefix included: `http://127.0.0.1:4000/twitch`. */
  publicUrl: string
  /** Where the backend is, for the commands on the page. */
  apiUrl: string
  /** The one application that gets tokens; without them any does. */
  clientId?: string
  clientSecret?: string
  /** The one player that GraphQL answers; without it any is. */
  playbackClientId?: string
  /** Tells the time, in milliseconds since 1970; without it, the machine's own clock. */
  now?: () => number
}

/**
 * Twitch as far as it takes to find a channel's recording and to hear its last minutes, to be registered under a
 * prefix: `/id`, `/helix`, `/gql` and `/usher` are its hosts `id.twitch.tv`, `api.twitch.tv/helix`,
 * `gql.twitch.tv/gql` and `usher.ttvnw.net`, and what they name is under `/cdn` and `/live`. The sound is real
 * speech, made when it is asked for. Beside it, for people and tests: `GET /` shows the channels, `GET /control`
 * counts the calls, and `POST /control` makes them slow or makes them fail.
 *
 * Nothing is kept: a start begins its streams anew, and has issued no tokens.
 */
export const twitchStandIn: FastifyPluginAsync<TwitchStandInOptions> = async (app, options) => {
  const { apiUrl } = options
  const service = createService(options)
  const { control, counts, tokens } = service
  const playbackTokens = new PlaybackTokens(service.now)

  app.setErrorHandler<FastifyError>((error, request, reply) => {
    const answer = toTwitchError(error)
    if (answer.statusCode >= 500 && !(error instanceof TwitchError)) request.log.error(error)
    return reply.code(answer.statusCode).headers(answer.headers).send(answer.body)
  })
  app.setNotFoundHandler(() => {
    throw apiError(404, 'Not found')
  })

  app.get('/', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(channelsPage(service.broadcasters, apiUrl, service.now())),
  )
  app.get('/control', async () => ({ ...control, counts: counts.byKind }))
  app.post('/control', async (request, reply) => {
    const change = ControlChange.safeParse(request.body)
    if (!change.success) return reply.code(400).send({ message: z.prettifyError(change.error) })
    applyChange(control, change.data)
    if (change.data.revoke_tokens) tokens.revokeAll()
    if (change.data.reset_counts) counts.reset()
    return { ...control, counts: counts.byKind }
  })

  await app.register(async id => addIdentity(id, service), { prefix: '/id' })
  await app.register(async helix => addHelix(helix, service), { prefix: '/helix' })
  await app.register(async gql => addGql(gql, service, playbackTokens), { prefix: '/gql' })
  await app.register(async usher => addUsher(usher, service, playbackTokens), { prefix: '/usher' })
  const sounds = createSounds()
  await app.register(async cdn => addCdn(cdn, service, sounds), { prefix: '/cdn' })
  await app.register(async onAir => addOnAir(onAir, service, sounds), { prefix: '/live' })
}

function createService(options: TwitchStandInOptions): Service {
  const { publicUrl, clientId, clientSecret, playbackClientId, now = Date.now } = options
  const broadcasters = toBroadcasters(channels, now())
  return {
    publicUrl,
    clientId,
    clientSecret,
    playbackClientId,
    broadcasters,
    recordings: broadcasters.flatMap(({ recordings }) => recordings),
    tokens: createTokens(now),
    control: structuredClone(initialControl),
    counts: createCounts(),
    now,
  }
}

function toTwitchError(error: FastifyError): TwitchError {
  if (error instanceof TwitchError) return error
  const isRequests = error.statusCode !== undefined && error.statusCode < 500
  return isRequests ? apiError(error.statusCode ?? 400, error.message) : apiError(500, '')
}
