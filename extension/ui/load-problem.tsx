import { ProblemNote } from './problem-note.tsx'
import { text } from './text.ts'
import type { Loaded } from './use-loaded.ts'

/** Says why something is not there, with a button that asks for it again. */
export const LoadProblem = ({ of }: { readonly of: Pick<Loaded<unknown>, 'problem' | 'reload'> }) => (
  <ProblemNote problem={of.problem}>
    <div>
      <button type="button" onClick={of.reload}>
        {text('common_try_again')}
      </button>
    </div>
  </ProblemNote>
)
