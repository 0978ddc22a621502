import type { ProblemView } from '../../captions/view.ts'
import { ProblemNote } from '../../ui/problem-note.tsx'
import { problemText } from '../../ui/problem-text.ts'
import { text } from '../../ui/text.ts'
import { BuyButton } from '../account/buy-button.tsx'
import { channelProgress, channelStages } from './progress.ts'
import type { RequestState } from './request-state.ts'

const boughtOff: ReadonlySet<string> = new Set(['insufficient_credits', 'account_in_debt'])

/** How far a request is that has no answer yet, and what can be done where it won't have one. */
export function RequestNote({
  state,
  onTryAgain,
}: {
  readonly state: RequestState
  readonly onTryAgain: () => void
}) {
  const { standing } = state
  switch (standing.name) {
    case 'answered':
      return null
    case 'failed':
      return <Failure problem={standing.problem} />
    case 'unsettled':
      return (
        <div class="warning stack tight">
          <p>
            {standing.problem ? `${problemText(standing.problem)} ` : ''}
            {text('panel_unsettled')}
          </p>
          <div>
            <button type="button" onClick={onTryAgain}>
              {text('common_try_again')}
            </button>
          </div>
        </div>
      )
    case 'asker_signed_out':
      return <p class="warning">{text('panel_asker_signed_out')}</p>
    case 'waiting':
      return (
        <>
          <Progress state={state} />
          <p class="warning">{text(waitingKey(standing.problem))}</p>
        </>
      )
    default:
      return <Progress state={state} />
  }
}

const Failure = ({ problem }: { readonly problem: ProblemView }) => (
  <ProblemNote problem={problem}>
    {boughtOff.has(problem.code) ? (
      <div>
        <BuyButton />
      </div>
    ) : null}
  </ProblemNote>
)

const waitingKey = ({ code }: ProblemView) => (code === 'offline' ? 'panel_waiting_offline' : 'panel_waiting')

/** A bar and words; the bar has no end where nothing is known of how long it takes. */
function Progress({ state }: { readonly state: RequestState }) {
  const label = progressText(state)
  return (
    <div class="stack tight">
      {state.request.body.kind === 'catchup_channel' ? (
        <progress aria-label={label} value={progressOf(state).fraction} />
      ) : (
        <progress aria-label={label} />
      )}
      <p class="quiet">{label}</p>
    </div>
  )
}

const progressOf = ({ standing }: RequestState) =>
  channelProgress(standing.name === 'working' ? standing.progress : undefined)

/** How far it is, in words. */
function progressText(state: RequestState): string {
  const { body } = state.request
  if (body.kind === 'ask') return text('panel_answering')
  if (body.kind === 'catchup_transcript') return text('panel_summarising')
  const { stage, step, minutes } = progressOf(state)
  const doing = minutes
    ? text('panel_stage_fetching_minutes', minutes.done, minutes.total)
    : text(`panel_stage_${stage}`)
  return text('panel_step', step, channelStages.length, doing)
}
