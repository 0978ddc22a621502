import * as z from 'zod'
import { balanceResponseSchema, priceListSchema } from '../../src/contracts/credits.ts'
import { storedValue } from '../background/stored-value.ts'

/** Who is signed in, and at which backend: another one is never shown this one's tokens. */
export const storedAccount = storedValue(
  'local',
  'account',
  z.object({ email: z.string(), name: z.string().nullable(), apiUrl: z.string() }),
)

/** Good for one use. Content scripts can't read the area it is in. */
export const storedRefreshToken = storedValue('local', 'refresh-token', z.string())

export const storedAccessToken = storedValue(
  'session',
  'access-token',
  z.object({ token: z.string(), expiresAtMs: z.number() }),
)

/** The balance as last seen. */
export const storedBalance = storedValue(
  'session',
  'balance',
  z.object({ value: balanceResponseSchema, atMs: z.number() }),
)

export const storedPrices = storedValue(
  'session',
  'prices',
  z.object({ value: priceListSchema, atMs: z.number(), apiUrl: z.string() }),
)

/** Somebody has signed in here before: the form offers that rather than a new account. */
export const storedHadAccount = storedValue('local', 'had-account', z.literal(true))

/** The backend has ended the login: nobody asked for it, so the sign-in form says so. */
export const storedSignInEnded = storedValue('session', 'sign-in-ended', z.literal(true))
