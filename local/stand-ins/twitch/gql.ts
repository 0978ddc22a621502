import type { FastifyInstance } from 'fastify'
import * as z from 'zod'
import { apiError } from './errors.ts'
import type { PlaybackToken, PlaybackTokens } from './playback-token.ts'
import { renditions } from './playlists.ts'
import type { Service } from './service.ts'
import { watch } from './watch.ts'

/**
 * The hashes of the `PlaybackAccessToken` query that players keep at Twitch, the newest first. Any other is answered
 * `PersistedQueryNotFound`, as one that Twitch has given up.
 */
const persistedHashes = [
  'ed230aa1e33e07eebb8928504583da78a5173989fadfb1ac94be06a04f3cdbe9',
  '0828119ded1c13477966434e15800ff57ddacf13ba1911c129dc2200705b0712',
]

const Operation = z.object({
  operationName: z.string().optional(),
  query: z.string().optional(),
  variables: z
    .object({
      isLive: z.boolean().optional(),
      login: z.string().optional(),
      isVod: z.boolean().optional(),
      vodID: z.string().optional(),
    })
    .default({}),
  extensions: z.object({ persistedQuery: z.object({ sha256Hash: z.string() }) }).optional(),
})
type Operation = z.infer<typeof Operation>

/** What an operation asks for. */
interface Wanted {
  vodId?: string | undefined
  login?: string | undefined
}

/**
 * GraphQL's `PlaybackAccessToken`, as the public players ask it of `gql.twitch.tv`: undocumented. The forms taken are
 * those of streamlink's twitch plugin (a persisted query), of twitch-dl and TwitchDownloader (the query with
 * `$vodID`), and of yt-dlp (the query with its values in it), one by one or several in an array.
 */
export function addGql(app: FastifyInstance, service: Service, playbackTokens: PlaybackTokens): void {
  app.addContentTypeParser('text/plain', { parseAs: 'string' }, app.getDefaultJsonParser('error', 'error'))
  app.post('/', { onRequest: watch(service, 'gql') }, async request => {
    checkClient(request.headers['client-id'], service)
    const operations = z.union([Operation, z.array(Operation)]).safeParse(request.body)
    if (!operations.success) throw apiError(400, 'The request body is no GraphQL operation.')
    const answer = (operation: Operation) => answerOperation(operation, service, playbackTokens)
    return Array.isArray(operations.data) ? operations.data.map(answer) : answer(operations.data)
  })
}

function checkClient(clientId: string | string[] | undefined, { playbackClientId }: Service): void {
  if (clientId === undefined) throw apiError(400, 'The "Client-ID" header is missing from the request.')
  if (playbackClientId !== undefined && clientId !== playbackClientId) {
    throw apiError(400, 'The "Client-ID" header is invalid.')
  }
}

function answerOperation(operation: Operation, service: Service, playbackTokens: PlaybackTokens) {
  const wanted = wantedBy(operation)
  if (wanted === undefined) return { errors: [{ message: 'PersistedQueryNotFound' }], data: null }
  const { vodId, login } = wanted
  if (vodId === undefined && login === undefined) {
    return { errors: [{ message: 'The stand-in answers PlaybackAccessToken only.' }], data: null }
  }
  return {
    data: {
      ...(login !== undefined && {
        streamPlaybackAccessToken: streamToken(login.toLowerCase(), service, playbackTokens),
      }),
      ...(vodId !== undefined && { videoPlaybackAccessToken: videoToken(vodId, service, playbackTokens) }),
    },
    extensions: { durationMilliseconds: 1, operationName: operation.operationName },
  }
}

/** Undefined for a persisted query that isn't there. */
function wantedBy({ query, variables, extensions }: Operation): Wanted | undefined {
  if (query !== undefined) return wantedByQuery(query, variables)
  if (!persistedHashes.includes(extensions?.persistedQuery.sha256Hash ?? '')) return undefined
  return {
    vodId: variables.isVod === true ? variables.vodID : undefined,
    login: variables.isLive === true ? variables.login : undefined,
  }
}

function wantedByQuery(query: string, variables: Operation['variables']): Wanted {
  const video = /videoPlaybackAccessToken\s*\(\s*id:\s*(?:"(\d+)"|\$vodID)/.exec(query)
  const stream = /streamPlaybackAccessToken\s*\(\s*channelName:\s*(?:"(\w+)"|\$login)/.exec(query)
  return {
    vodId: video && variables.isVod !== false ? (video[1] ?? variables.vodID) : undefined,
    login: stream && variables.isLive !== false ? (stream[1] ?? variables.login) : undefined,
  }
}

/** Null for a video that there is no more, or never was. */
function videoToken(vodId: string, { recordings }: Service, tokens: PlaybackTokens): PlaybackToken | null {
  const recording = recordings.find(({ id }) => id === vodId)
  if (!recording) return null
  return tokens.sign({ vodId }, recording.subscribersOnly ? renditions.map(({ id }) => id) : [])
}

/** Null for a channel that there isn't; one that is offline has a token. */
function streamToken(login: string, { broadcasters }: Service, tokens: PlaybackTokens): PlaybackToken | null {
  return broadcasters.some(({ channel }) => channel.login === login) ? tokens.sign({ login }, []) : null
}
