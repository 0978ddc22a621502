import { createHmac, randomBytes } from 'node:crypto'
import * as z from 'zod'

/** What lets a player have a playlist: JSON in a string, and its signature. */
export interface PlaybackToken {
  value: string
  signature: string
}

/** Whose playlist a token lets one have. */
export type PlaybackSubject = { vodId: string } | { login: string }

const lifeSeconds = 20 * 60

const Value = z.object({
  expires: z.number(),
  vod_id: z.number().optional(),
  channel: z.string().optional(),
})

/** Signs tokens with a key that nobody else has. */
export class PlaybackTokens {
  readonly #key = randomBytes(20)
  readonly #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  /** Twitch gives a token to everybody: for subscribers' videos it names the renditions that one doesn't get. */
  sign(subject: PlaybackSubject, restrictedBitrates: string[]): PlaybackToken {
    const value = JSON.stringify({
      authorization: { forbidden: false, reason: '' },
      chansub: { restricted_bitrates: restrictedBitrates },
      device_id: null,
      expires: Math.floor(this.#now() / 1_000) + lifeSeconds,
      https_required: true,
      privileged: false,
      user_id: null,
      version: 2,
      ...('vodId' in subject ? { vod_id: Number(subject.vodId) } : { channel: subject.login }),
    })
    return { value, signature: this.#signatureOf(value) }
  }

  isGood({ value, signature }: PlaybackToken, subject: PlaybackSubject): boolean {
    if (signature !== this.#signatureOf(value)) return false
    const token = Value.parse(JSON.parse(value))
    if (token.expires * 1_000 <= this.#now()) return false
    return 'vodId' in subject ? token.vod_id === Number(subject.vodId) : token.channel === subject.login
  }

  #signatureOf(value: string): string {
    return createHmac('sha1', this.#key).update(value).digest('hex')
  }
}
