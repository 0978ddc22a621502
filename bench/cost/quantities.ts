import type { AwsService } from './aws-prices-2026-11.ts'

/** How much of each service a month takes. */
export type Quantities = Readonly<Record<AwsService, bigint>>

/** A month in which nothing is asked for. */
export const nothing: Quantities = {
  writes: 0n,
  reads: 0n,
  requests: 0n,
  invocations: 0n,
  compute: 0n,
  logsIn: 0n,
  logsKept: 0n,
  dataOut: 0n,
  keys: 0n,
  alarms: 0n,
  queryAlarms: 0n,
  metricHours: 0n,
  dashboards: 0n,
  stored: 0n,
  recovery: 0n,
  backups: 0n,
  artifacts: 0n,
}
