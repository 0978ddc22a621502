const dayMs = 24 * 3_600_000

/** A calendar month in UTC, as AWS bills it. */
export interface Month {
  /** YYYY-MM */
  readonly name: string
  /** The first moment. */
  readonly fromMs: number
  /** The first moment of the next. */
  readonly toMs: number
}

/** @param name YYYY-MM */
export const monthOf = (name: string): Month => {
  const [year = 0, month = 0] = name.split('-').map(Number)
  return { name, fromMs: Date.UTC(year, month - 1), toMs: Date.UTC(year, month) }
}

/** The month in which a moment is, as YYYY-MM. */
export const monthNameAt = (atMs: number): string => new Date(atMs).toISOString().slice(0, 7)

/** The first moment of a moment's day. */
export const dayStart = (atMs: number): number => Math.floor(atMs / dayMs) * dayMs

/** YYYY-MM-DD */
export const dayName = (atMs: number): string => new Date(atMs).toISOString().slice(0, 10)

/** The part of a month that is over or has begun by now, in whole days; its end is excluded. */
export const daysSoFar = (month: Month, nowMs: number): { readonly from: string; readonly to: string } => ({
  from: dayName(month.fromMs),
  to: dayName(Math.min(month.toMs, dayStart(nowMs) + dayMs)),
})
