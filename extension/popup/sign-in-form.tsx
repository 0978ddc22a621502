import { useState } from 'preact/hooks'
import { send } from '../messages/send.ts'
import { BusyButton } from '../ui/busy-button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field } from '../ui/field.tsx'
import { ProblemNote } from '../ui/problem-note.tsx'
import { text } from '../ui/text.ts'
import { useTask } from '../ui/use-task.ts'

/** Opens an account, or signs in to one. */
export function SignInForm() {
  const [isNew, setIsNew] = useState(true)
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [shown, setShown] = useState(false)
  const task = useTask(async () => {
    await (isNew ? send('account/register', { email, password }) : send('account/login', { email, password }))
  })
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
      <Field label={text('popup_email')}>
        {ids => (
          <input
            {...ids}
            type="email"
            name="email"
            autocomplete="username"
            autofocus
            required
            value={email}
            onInput={event => setEmail(event.currentTarget.value)}
          />
        )}
      </Field>
      <Field label={text('popup_password')} hint={isNew ? text('popup_password_rule') : undefined}>
        {ids => (
          <input
            {...ids}
            type={(shown ? 'text' : 'password') as 'password'}
            name="password"
            autocomplete={isNew ? 'new-password' : 'current-password'}
            required
            value={password}
            onInput={event => setPassword(event.currentTarget.value)}
          />
        )}
      </Field>
      <Choice type="checkbox" label={text('popup_show_password')} checked={shown} onChange={setShown} />
      <ProblemNote problem={task.problem} />
      <BusyButton busy={task.busy} type="submit" class="primary">
        {text(isNew ? 'popup_create_account' : 'popup_sign_in')}
      </BusyButton>
      <p class="row">
        {text(isNew ? 'popup_has_account' : 'popup_has_no_account')}
        <button type="button" class="link" onClick={() => setIsNew(!isNew)}>
          {text(isNew ? 'popup_sign_in' : 'popup_create_account')}
        </button>
      </p>
    </form>
  )
}
