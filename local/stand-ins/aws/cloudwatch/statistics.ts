import type { Sample } from './embedded-metrics.ts'

/** Which samples are meant: exactly these dimensions, as CloudWatch keeps each combination apart. */
export interface MetricName {
  namespace: string
  metric: string
  dimensions: Record<string, string>
}

/** A statistic of the samples of one period. */
export interface Datapoint {
  /** The period's beginning. */
  atMs: number
  value: number
}

export function matching(samples: readonly Sample[], wanted: MetricName): Sample[] {
  return samples.filter(
    sample =>
      sample.namespace === wanted.namespace &&
      sample.metric === wanted.metric &&
      isSame(sample.dimensions, wanted.dimensions),
  )
}

function isSame(one: Record<string, string>, other: Record<string, string>): boolean {
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every(name => one[name] === other[name])
}

/**
 * One value for each period that has samples, the oldest first.
 *
 * @param statistic such as `Sum` or `p95`
 * @returns undefined for a statistic that isn't known
 */
export function datapoints(
  samples: readonly Sample[],
  statistic: string,
  { startMs, endMs, periodMs }: { startMs: number; endMs: number; periodMs: number },
): Datapoint[] | undefined {
  const compute = computation(statistic)
  if (compute === undefined) return undefined
  const periods = new Map<number, number[]>()
  for (const { atMs, value } of samples) {
    if (atMs < startMs || atMs >= endMs) continue
    const beginMs = Math.floor(atMs / periodMs) * periodMs
    periods.set(beginMs, [...(periods.get(beginMs) ?? []), value])
  }
  return [...periods]
    .sort(([one], [other]) => one - other)
    .map(([atMs, values]) => ({ atMs, value: compute(values) }))
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const computations: Record<string, (values: readonly number[]) => number> = {
  Sum: sum,
  SampleCount: values => values.length,
  Average: values => sum(values) / values.length,
  Minimum: values => Math.min(...values),
  Maximum: values => Math.max(...values),
}

function computation(statistic: string): ((values: readonly number[]) => number) | undefined {
  if (Object.hasOwn(computations, statistic)) return computations[statistic]
  const percent = /^p(\d{1,2}(?:\.\d+)?|100)$/.exec(statistic)?.[1]
  if (percent === undefined) return undefined
  return values => {
    const sorted = values.toSorted((one, other) => one - other)
    const rank = Math.max(0, Math.ceil((Number(percent) / 100) * sorted.length) - 1)
    return sorted[rank] ?? 0
  }
}
