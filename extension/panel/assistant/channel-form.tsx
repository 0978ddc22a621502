import { useEffect, useState } from 'preact/hooks'
import { channelCatchupRequestSchema } from '../../../src/contracts/transcription.ts'
import { twitchChannel } from '../../background/twitch-channel.ts'
import { BusyButton } from '../../ui/busy-button.tsx'
import { Field } from '../../ui/field.tsx'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { text } from '../../ui/text.ts'
import { useTask } from '../../ui/use-task.ts'
import type { Credits } from '../account/use-credits.ts'
import type { PanelIntent } from '../intent.ts'
import { Pills } from '../range/pills.tsx'
import type { ShownSession } from '../sessions/shown-session.ts'
import type { Assistant } from './assistant.ts'
import { costOf } from './cost.ts'
import { CostNote } from './cost-note.tsx'

type Length = '30' | '60' | 'other'

const shortestMinutes = 5
const longestMinutes = 120

/** Asks for a catch-up from a channel's recording on Twitch. */
export function ChannelForm(props: {
  readonly assistant: Assistant
  readonly credits: Credits
  readonly isBusy: boolean
  readonly shown: ShownSession | undefined
  readonly intent: PanelIntent | undefined
}) {
  const { assistant, credits, shown, intent } = props
  const [channel, setChannel] = useState('')
  const [length, setLength] = useState<Length>('30')
  const [other, setOther] = useState('90')
  const [isChecked, setChecked] = useState(false)
  useEffect(() => {
    const found = intent?.channel ?? shown?.page.channel
    if (found !== undefined) setChannel(found)
  }, [intent, shown?.page.channel])

  const minutes = Number(length === 'other' ? other : length)
  const request = channelCatchupRequestSchema.safeParse({ channel: channelIn(channel), minutes })
  const wrong = new Set(request.error?.issues.map(({ path }) => path[0]))
  const body = request.success ? ({ kind: 'catchup_channel', ...request.data } as const) : undefined
  const cost =
    credits.rates && !wrong.has('minutes')
      ? costOf({ kind: 'catchup_channel', channel: '', minutes }, credits.rates)
      : undefined
  const send = useTask(async () => {
    setChecked(true)
    if (!body || !cost || props.isBusy || !(await credits.suffice(cost))) return
    await assistant.send(body, shown?.page.channel === body.channel ? shown.sessionId : undefined)
    setChecked(false)
  })
  return (
    <form
      class="stack"
      noValidate
      onSubmit={event => {
        event.preventDefault()
        void send.run()
      }}
    >
      <Field
        label={text('panel_channel')}
        hint={text('panel_channel_hint')}
        error={isChecked && wrong.has('channel') ? text('panel_channel_wrong') : undefined}
      >
        {ids => (
          <input
            {...ids}
            value={channel}
            autocomplete="off"
            autocapitalize="none"
            spellcheck={false}
            onInput={event => setChannel(event.currentTarget.value)}
          />
        )}
      </Field>
      <Pills<Length>
        legend={text('panel_how_far_back')}
        selected={length}
        onSelect={setLength}
        options={[
          { value: '30', label: text('panel_minutes', 30) },
          { value: '60', label: text('panel_minutes', 60) },
          { value: 'other', label: text('panel_other') },
        ]}
      />
      {length === 'other' ? (
        <Field
          label={text('panel_other_minutes')}
          error={
            wrong.has('minutes')
              ? text('panel_other_minutes_wrong', shortestMinutes, longestMinutes)
              : undefined
          }
        >
          {ids => (
            <input
              {...ids}
              type="number"
              min={shortestMinutes}
              max={longestMinutes}
              value={other}
              onInput={event => setOther(event.currentTarget.value)}
            />
          )}
        </Field>
      ) : null}
      <CostNote cost={cost} credits={credits} />
      <ProblemNote problem={send.problem} />
      <div>
        <BusyButton type="submit" class="primary" busy={send.busy || props.isBusy} disabled={!credits.rates}>
          {text('panel_catch_me_up')}
        </BusyButton>
      </div>
    </form>
  )
}

/** A channel may be written as its address on Twitch. */
const channelIn = (written: string): string => {
  const address = written.trim()
  return twitchChannel(address) ?? twitchChannel(`https://${address}`) ?? address.replace(/^@/, '')
}
