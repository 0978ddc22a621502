import { type Settings, type SilenceSettings, silenceSensitivities } from '../../settings/model.ts'
import { Choice } from '../../ui/choice.tsx'
import { Field } from '../../ui/field.tsx'
import { duration } from '../../ui/format.ts'
import { formatLanguage, text } from '../../ui/text.ts'
import { spokenLanguages } from './languages.ts'
import type { Change } from './options.tsx'

/** Seconds without sound after which captions may pause; 0: never. */
const pauses = [15, 30, 60, 120, 0]

/** What is captioned, and when that pauses. */
export const CaptionOptions = ({
  settings,
  change,
}: {
  readonly settings: Settings
  readonly change: Change
}) => (
  <section class="stack" aria-labelledby="captions">
    <h2 id="captions">{text('options_captions_heading')}</h2>
    <Language chosen={settings.language} change={change} />
    <Pause silence={settings.silence} change={change} />
    <Sensitivity silence={settings.silence} change={change} />
    <Choice
      type="checkbox"
      label={text('options_announce')}
      hint={text('options_announce_hint')}
      checked={settings.announceCaptions}
      onChange={announceCaptions => change({ announceCaptions })}
    />
  </section>
)

const Language = ({ chosen, change }: { readonly chosen: string; readonly change: Change }) => (
  <Field label={text('options_language')} hint={text('options_language_hint')}>
    {ids => (
      <select {...ids} value={chosen} onChange={event => change({ language: event.currentTarget.value })}>
        <option value="">{text('options_language_default')}</option>
        <option value="multi">{text('options_language_multi')}</option>
        {spokenLanguages(chosen, formatLanguage()).map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
      </select>
    )}
  </Field>
)

type SilenceProps = { readonly silence: Settings['silence']; readonly change: Change }

const changeSilence = (change: Change, silence: Partial<SilenceSettings>): void =>
  change(settings => ({ silence: { ...settings.silence, ...silence } }))

const Pause = ({ silence, change }: SilenceProps) => (
  <Field label={text('options_pause')} hint={text('options_pause_hint')}>
    {ids => (
      <select
        {...ids}
        value={silence.pauseAfterSeconds}
        onChange={event => changeSilence(change, { pauseAfterSeconds: Number(event.currentTarget.value) })}
      >
        {[...new Set([...pauses, silence.pauseAfterSeconds])].map(seconds => (
          <option key={seconds} value={seconds}>
            {seconds === 0 ? text('options_pause_never') : duration(seconds)}
          </option>
        ))}
      </select>
    )}
  </Field>
)

const Sensitivity = ({ silence, change }: SilenceProps) => (
  <fieldset class="stack">
    <legend>{text('options_sensitivity')}</legend>
    {silenceSensitivities.toReversed().map(sensitivity => (
      <Choice
        key={sensitivity}
        type="radio"
        name="sensitivity"
        label={text(`options_sensitivity_${sensitivity}`)}
        hint={text(`options_sensitivity_${sensitivity}_hint`)}
        checked={silence.sensitivity === sensitivity}
        onChange={() => changeSilence(change, { sensitivity })}
      />
    ))}
  </fieldset>
)
