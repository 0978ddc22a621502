import { useEffect, useRef, useState } from 'preact/hooks'
import { minPasswordLength } from '../../src/contracts/auth.ts'
import { problemOf } from '../messages/problem.ts'
import { send } from '../messages/send.ts'
import { BusyButton } from '../ui/busy-button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field } from '../ui/field.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { type TextKey, text } from '../ui/text.ts'
import { useTask } from '../ui/use-task.ts'
import { type FormErrors, formErrors, refusedField } from './form-errors.ts'

const errorText = (key: TextKey | undefined): string | undefined =>
  key === undefined ? undefined : text(key, minPasswordLength)

/** Opens an account, or signs in to one. */
export function SignInForm(props: {
  /** Somebody has signed in here before. */
  readonly hadAccount: boolean
  /** The backend has ended the login. */
  readonly signInEnded: boolean
}) {
  const [isNew, setIsNew] = useState(!props.hadAccount)
  const [shown, setShown] = useState(false)
  const [errors, setErrors] = useState<FormErrors>({})
  const email = useRef<HTMLInputElement>(null)
  const password = useRef<HTMLInputElement>(null)

  useEffect(() => email.current?.focus(), [])

  const refuse = (wrong: FormErrors): void => {
    setErrors(wrong)
    const first = wrong.email ? email : password
    first.current?.focus()
  }
  const task = useTask(async () => {
    const typed = { email: email.current?.value ?? '', password: password.current?.value ?? '' }
    const wrong = formErrors(typed, isNew)
    if (wrong.email || wrong.password) return refuse(wrong)
    setErrors({})
    try {
      await send(isNew ? 'account/register' : 'account/login', typed)
    } catch (error) {
      const refused = refusedField(problemOf(error).view)
      if (!refused) throw error
      refuse(refused)
    }
  })
  const turn = (): void => {
    setIsNew(!isNew)
    setErrors({})
    email.current?.focus()
  }

  return (
    <form
      class="stack"
      noValidate
      onSubmit={event => {
        event.preventDefault()
        void task.run()
      }}
    >
      <h1>{text(isNew ? 'popup_create_account' : 'popup_sign_in')}</h1>
      {props.signInEnded ? <p class="warning">{text('popup_sign_in_ended')}</p> : null}
      <Field label={text('popup_email')} error={errorText(errors.email)}>
        {ids => <input {...ids} ref={email} type="email" name="email" autocomplete="username" required />}
      </Field>
      <Field
        label={text('popup_password')}
        hint={isNew ? text('popup_password_rule', minPasswordLength) : undefined}
        error={errorText(errors.password)}
      >
        {ids => (
          <input
            {...ids}
            ref={password}
            type={(shown ? 'text' : 'password') as 'password'}
            name="password"
            autocomplete={isNew ? 'new-password' : 'current-password'}
            spellcheck={false}
            autocapitalize="off"
            required
          />
        )}
      </Field>
      <Choice type="checkbox" label={text('popup_show_password')} checked={shown} onChange={setShown} />
      <ProblemNote problem={task.problem} />
      <BusyButton busy={task.busy} type="submit" class="primary wide">
        {text(isNew ? 'popup_create_account' : 'popup_sign_in')}
      </BusyButton>
      <p class="row">
        <span class="quiet">{text(isNew ? 'popup_has_account' : 'popup_has_no_account')}</span>
        <button type="button" class="link" onClick={turn}>
          {text(isNew ? 'popup_sign_in' : 'popup_create_account')}
        </button>
      </p>
    </form>
  )
}
