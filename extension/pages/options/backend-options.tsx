import { useEffect, useState } from 'preact/hooks'
import { createApi } from '../../api/client.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { Field } from '../../ui/field.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import { apiUrlFrom } from './api-url.ts'
import type { Change } from './options.tsx'

/** Of development builds: which backend is spoken to, and whether it answers. */
export function BackendOptions(props: { readonly apiUrl: string; readonly change: Change }) {
  const [typed, setTyped] = useState(props.apiUrl)
  const [isInvalid, setInvalid] = useState(false)
  const [healthy, setHealthy] = useState('')
  useEffect(() => setTyped(props.apiUrl), [props.apiUrl])
  const testing = useTask(async (apiUrl: string) => {
    setHealthy('')
    setHealthy(await healthOf(apiUrl))
  })
  const save = (): void => {
    const apiUrl = apiUrlFrom(typed)
    setInvalid(apiUrl === undefined)
    if (apiUrl === undefined) return
    props.change({ apiUrl })
    void testing.run(apiUrl === '' ? __API_URL__ : apiUrl)
  }
  return (
    <section aria-labelledby="backend">
      <form
        class="stack"
        noValidate
        onSubmit={event => {
          event.preventDefault()
          save()
        }}
      >
        <h2 id="backend">{text('options_backend_heading')}</h2>
        <Field
          label={text('options_backend_url')}
          hint={text('options_backend_url_hint', __API_URL__)}
          error={isInvalid ? text('options_backend_invalid') : undefined}
        >
          {ids => (
            <input
              {...ids}
              type="url"
              value={typed}
              placeholder={__API_URL__}
              onInput={event => setTyped(event.currentTarget.value)}
            />
          )}
        </Field>
        <div>
          <BusyButton type="submit" busy={testing.busy}>
            {text('options_backend_save')}
          </BusyButton>
        </div>
        <div role="status">{healthy === '' ? null : <p class="done">{healthy}</p>}</div>
        <ProblemNote problem={testing.problem} />
      </form>
    </section>
  )
}

/** @throws {Problem} where it does not answer, or not as healthy */
async function healthOf(apiUrl: string): Promise<string> {
  const api = createApi({ apiUrl, accessToken: () => Promise.reject(new Error('Nobody is signed in here.')) })
  const { version } = await api.health()
  return text('options_backend_healthy', apiUrl, version)
}
