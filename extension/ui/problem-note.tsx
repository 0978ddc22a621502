import type { ProblemView } from '../captions/view.ts'
import { problemText } from './problem-text.ts'

/** Says what went wrong; screen readers read it out as it comes. */
export const ProblemNote = ({ problem }: { readonly problem: ProblemView | undefined }) => (
  <div role="alert">{problem ? <p class="problem">{problemText(problem)}</p> : null}</div>
)
