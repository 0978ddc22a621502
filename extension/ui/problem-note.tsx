import type { ComponentChildren } from 'preact'
import type { ProblemView } from '../captions/view.ts'
import { problemText } from './problem-text.ts'

/**
 * Says what went wrong; screen readers read it out as it comes. It is in the document all along, empty while all is well.
 * The children are what can be done about it, as a button.
 */
export const ProblemNote = (props: {
  readonly problem: ProblemView | undefined
  readonly children?: ComponentChildren
}) => (
  <div role="alert">
    {props.problem ? (
      <div class="problem stack">
        <p>{problemText(props.problem)}</p>
        {props.children}
      </div>
    ) : null}
  </div>
)
