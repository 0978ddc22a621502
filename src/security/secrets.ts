import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { v7 } from 'uuid'
import type { Secrets } from '../domain/ports.ts'

/** Random secrets, digests and ids. */
export const nodeSecrets: Secrets = {
  random: () => randomBytes(32).toString('base64url'),
  digest: text => createHash('sha256').update(text).digest('base64url'),
  uuid: nowMs => v7({ msecs: nowMs }),
}

/** Compares two secrets in a time that tells nothing about where they differ. */
export const isSameSecret = (a: string, b: string): boolean =>
  timingSafeEqual(createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest())

/** 48 bits are plenty to tell two requests of one key apart, and keep the hold small. */
const requestHashLength = 8

/** Tells a repeat from another request under the same key. */
export const hashRequest = (route: string, body: string | Uint8Array): string =>
  createHash('sha256').update(route).update('\n').update(body).digest('base64url').slice(0, requestHashLength)
