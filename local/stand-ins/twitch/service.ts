import type { Control } from './control.ts'
import type { Counts } from './counts.ts'
import type { Broadcaster, Recording } from './recordings.ts'
import type { Tokens } from './tokens.ts'

/** What the routes work with. */
export interface Service {
  /** Where the stand-in is reached, its prefix included. */
  publicUrl: string
  clientId: string | undefined
  clientSecret: string | undefined
  playbackClientId: string | undefined
  broadcasters: Broadcaster[]
  /** Of all of them. */
  recordings: Recording[]
  tokens: Tokens
  control: Control
  counts: Counts
  now(): number
}
