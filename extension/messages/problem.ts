import type { ProblemView } from '../captions/view.ts'

/** A failure that a listener can be told of. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly view: ProblemView

  constructor(view: ProblemView, options?: ErrorOptions) {
    super(view.detail, options)
    this.view = view
  }
}

/** The problem itself, or what is said of a failure that nobody foresaw. */
export const problemOf = (error: unknown): Problem =>
  error instanceof Problem
    ? error
    : new Problem(
        {
          code: 'engine_failed',
          detail: 'Something went wrong in the extension. Nothing was charged for it. Try again.',
        },
        { cause: error },
      )
