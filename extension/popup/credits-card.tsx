import type { ProblemView, SessionView } from '../captions/view.ts'
import { duration, liveSecondsOf } from '../ui/format.ts'
import { problemText } from '../ui/problem-text.ts'
import { plural, text } from '../ui/text.ts'
import { openPage } from './open-page.ts'
import type { Snapshot } from './snapshot.ts'

/** With less than this to go, it is time to buy. */
const lowSeconds = 300

/** The credits, and what they mean in time: while captions run, as the offscreen document counts it. */
export function CreditsCard(props: {
  readonly balance: Snapshot['balance']
  readonly rates: Snapshot['rates']
  readonly running: SessionView | undefined
  /** Why the balance can't be asked for now; the one that was seen last is shown all the same. */
  readonly problem: ProblemView | undefined
}) {
  const { balance, rates, running } = props
  const credits = balance ? Math.max(0, balance.credits_available) : undefined
  const paidFor = credits !== undefined && rates ? liveSecondsOf(credits, rates) : undefined
  const seconds = running?.secondsLeft ?? paidFor
  const isLow = seconds !== undefined && seconds < lowSeconds
  return (
    <section class="card row apart" aria-label={text('popup_credits')}>
      <p class={isLow ? 'low' : ''}>
        {credits === undefined ? unknown(props.problem) : <strong>{plural('credits', credits)}</strong>}
        {seconds === undefined ? null : <span class="means">{meaning(seconds, running !== undefined)}</span>}
      </p>
      <button type="button" class={isLow ? 'primary' : ''} onClick={() => openPage('/credits.html')}>
        {text('popup_buy')}
      </button>
    </section>
  )
}

const unknown = (problem: ProblemView | undefined): string =>
  problem ? problemText(problem) : text('common_loading')

function meaning(seconds: number, isRunning: boolean): string {
  if (seconds <= 0) return text('popup_credits_none')
  return text(isRunning ? 'popup_credits_left' : 'popup_credits_mean', duration(seconds))
}
