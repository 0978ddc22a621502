import { Problem } from '../messages/problem.ts'

/** A failure of the database as a listener is told of it. Captions can go on meanwhile. */
export function storageProblem(error: unknown): Problem {
  if (error instanceof Problem) return error
  if (error instanceof DOMException && error.name === 'QuotaExceededError') return full(error)
  return new Problem(
    {
      code: 'storage_failed',
      detail: 'The transcript could not be read or written on this computer. Restart the browser.',
    },
    { cause: error },
  )
}

const full = (cause: unknown): Problem =>
  new Problem(
    {
      code: 'storage_full',
      detail:
        'There is no room left on this computer: what is said now is shown and not kept. Delete old transcripts, or free some space.',
    },
    { cause },
  )

/** Something was said in captions whose transcript was deleted meanwhile. */
export const transcriptDeleted = (): Problem =>
  new Problem({
    code: 'transcript_deleted',
    detail: 'The transcript of these captions was deleted: what is said now is shown and not kept.',
  })
