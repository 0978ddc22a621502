import * as z from 'zod'

/** bcrypt reads no further than this many bytes, so a longer password is refused rather than cut. */
export const maxPasswordBytes = 72
export const minPasswordLength = 8

const utf8ByteLength = (text: string): number => new TextEncoder().encode(text).length

const emailSchema = z
  .string()
  .trim()
  .max(254)
  .pipe(z.email('Give an e-mail address such as name@example.com.'))
  .meta({ description: 'An e-mail address', example: 'listener@example.com' })

/** One password, however Unicode writes it; bcrypt would read no further than a NUL. */
const newPasswordSchema = z
  .string()
  .normalize('NFC')
  .regex(/^\P{Cc}*$/u, 'Give a password without control characters.')
  .min(minPasswordLength, `Give a password of at least ${minPasswordLength} characters.`)
  .refine(
    password => utf8ByteLength(password) <= maxPasswordBytes,
    `Give a password of at most ${maxPasswordBytes} bytes.`,
  )
  .meta({ description: `At most ${maxPasswordBytes} bytes in UTF-8` })

const refreshTokenSchema = z.string().min(1).max(200)

export const registerRequestSchema = z
  .object({
    email: emailSchema,
    password: newPasswordSchema,
    name: z.string().trim().min(1).max(100).optional(),
  })
  .meta({ id: 'RegisterRequest' })

export const loginRequestSchema = z
  .object({ email: emailSchema, password: z.string().normalize('NFC').min(1).max(1024) })
  .meta({ id: 'LoginRequest' })

export const refreshRequestSchema = z
  .object({ refresh_token: refreshTokenSchema })
  .meta({ id: 'RefreshRequest' })

export const userSchema = z
  .object({
    user_id: z.string(),
    email: z.string(),
    name: z.string().nullable(),
    email_verified: z.boolean(),
    subscription_tier: z.string(),
    created_at: z.iso.datetime(),
    last_login: z.iso.datetime().nullable(),
    payment_failed_at: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When the last payment failed; null once one has succeeded since' }),
  })
  .meta({ id: 'User' })

export const tokensSchema = z
  .object({
    access_token: z.string(),
    expires_in: z.int().meta({ description: 'Seconds until the access token expires' }),
    refresh_token: z.string(),
  })
  .meta({ id: 'Tokens' })

export const sessionResponseSchema = tokensSchema.extend({ user: userSchema }).meta({ id: 'Session' })

export type RegisterRequest = z.infer<typeof registerRequestSchema>
export type LoginRequest = z.infer<typeof loginRequestSchema>
export type UserResponse = z.infer<typeof userSchema>
export type TokensResponse = z.infer<typeof tokensSchema>
export type SessionResponse = z.infer<typeof sessionResponseSchema>
