import type { ProblemView } from '../captions/view.ts'
import { ProblemNote } from '../ui/problem-note.tsx'
import { text } from '../ui/text.ts'
import { nextStep } from './next-step.ts'
import { openPage } from './open-page.ts'

/** Says why captions did not start or why they ended, with a button for what can be done about it. */
export const CaptionsProblem = (props: {
  readonly problem: ProblemView | undefined
  readonly onStart: (takeOver: boolean) => void
}) => (
  <ProblemNote problem={props.problem}>
    {props.problem ? <StepButton problem={props.problem} onStart={props.onStart} /> : null}
  </ProblemNote>
)

function StepButton(props: { readonly problem: ProblemView; readonly onStart: (takeOver: boolean) => void }) {
  switch (nextStep(props.problem)) {
    case 'take_over':
      return (
        <button type="button" onClick={() => props.onStart(true)}>
          {text('popup_move_here')}
        </button>
      )
    case 'allow':
      return (
        <button type="button" onClick={() => props.onStart(false)}>
          {text('popup_allow')}
        </button>
      )
    case 'buy':
      return (
        <button type="button" onClick={() => openPage('/credits.html')}>
          {text('popup_buy')}
        </button>
      )
    case 'agree':
      return (
        <button type="button" onClick={() => openPage('/welcome.html')}>
          {text('popup_read_and_agree')}
        </button>
      )
    case undefined:
      return null
  }
}
