import { loginRequestSchema, maxPasswordBytes, registerRequestSchema } from '../../src/contracts/auth.ts'
import type { ProblemView } from '../captions/view.ts'
import type { TextKey } from '../ui/text.ts'

/** What a listener has typed to sign in or to open an account. */
export interface Credentials {
  readonly email: string
  readonly password: string
}

/** What is wrong with it, at the field that it is wrong with. */
export interface FormErrors {
  readonly email?: TextKey
  readonly password?: TextKey
}

/** Holds what was typed to the contract before it is sent. @param isNew for an account that is to be opened */
export function formErrors(credentials: Credentials, isNew: boolean): FormErrors {
  const parsed = (isNew ? registerRequestSchema : loginRequestSchema).safeParse(credentials)
  if (parsed.success) return {}
  const wrong = new Set(parsed.error.issues.map(issue => issue.path[0]))
  return {
    ...(wrong.has('email') ? { email: emailError(credentials.email) } : {}),
    ...(wrong.has('password') ? { password: passwordError(credentials.password) } : {}),
  }
}

/** What the backend finds wrong with a field; undefined where it is about something else. */
export function refusedField({ code }: Pick<ProblemView, 'code'>): FormErrors | undefined {
  if (code === 'email_taken') return { email: 'popup_email_taken' }
  if (code === 'unauthenticated') return { password: 'popup_password_wrong' }
  return undefined
}

const emailError = (email: string): TextKey =>
  email.trim() === '' ? 'popup_email_missing' : 'popup_email_malformed'

function passwordError(password: string): TextKey {
  if (password === '') return 'popup_password_missing'
  if (/\p{Cc}/u.test(password)) return 'popup_password_control_characters'
  const bytes = new TextEncoder().encode(password.normalize('NFC')).length
  return bytes > maxPasswordBytes ? 'popup_password_long' : 'popup_password_short'
}
