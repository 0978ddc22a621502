import type { TakenBackRecord } from './audit-ports.ts'

// The ids of rows that book what happened at Stripe: each follows from its cause, so that nothing is booked twice.

type Cause = Pick<TakenBackRecord, 'kind' | 'id'>

/** The row that books money which was taken back. */
export const takenBackRowId = ({ kind, id }: Cause): string =>
  kind === 'refund' ? `refund#${id}` : `dispute#${id}#withdrawn`

/** The row that gives back what a refund which failed afterwards, or a dispute which was won, had taken. */
export const returnedRowId = ({ kind, id }: Cause): string =>
  kind === 'refund' ? `refund#${id}#failed` : `dispute#${id}#reinstated`

/** The row of an adjustment that gives the credits of a session which no purchase was credited for. */
export const madeUpRowId = (sessionId: string): string => `session#${sessionId}`
