import type { LogFields } from './log-fields.ts'

/** What a stage's metrics are filed under in CloudWatch. */
export const metricsNamespace = (stage: string): string => `live-transcription/${stage}`

type Unit = 'Count'

/** A metric of CloudWatch that log lines of one code count towards. */
interface Metric {
  readonly name: string
  readonly unit: Unit
  /** The field of the line that is counted; lines without one count as 1. */
  readonly field?: string
}

interface CodeMetrics {
  readonly metrics: readonly Metric[]
  /** The dimension's name and the field that fills it. */
  readonly dimension?: { readonly name: string; readonly field: string }
}

const once = (name: string): CodeMetrics => ({ metrics: [{ name, unit: 'Count' }] })

/**
 * The metrics that log lines carry, by their code: business first, then trouble. Each metric with data costs money by the
 * hour, each value of a dimension as another metric; those of trouble cost nothing while there is none.
 */
const metricsByCode: Readonly<Record<string, CodeMetrics>> = {
  operation_settled: {
    metrics: [{ name: 'CreditsUsed', unit: 'Count', field: 'credits_used' }],
    dimension: { name: 'Service', field: 'service' },
  },
  purchase_credited: {
    metrics: [
      { name: 'CreditsSold', unit: 'Count', field: 'credits' },
      { name: 'PriceCentsSold', unit: 'Count', field: 'price_cents' },
    ],
  },
  checkout_opened: once('CheckoutsOpened'),
  account_opened: once('AccountsOpened'),
  hold_expired: once('ExpiredHolds'),
  stripe_signature_refused: once('SignaturesRefused'),
  ledger_mismatch: once('LedgerMismatches'),
  stripe_mismatch: once('StripeMismatches'),
  internal_error: {
    metrics: [{ name: 'RequestsFailed', unit: 'Count' }],
    dimension: { name: 'Function', field: 'function' },
  },
}

/** The codes whose lines count. */
export const metricCodes = Object.keys(metricsByCode)

/** For every line that tells of a vendor's failure, whatever its code. */
const vendorFailure: CodeMetrics = {
  metrics: [{ name: 'VendorFailures', unit: 'Count' }],
  dimension: { name: 'Vendor', field: 'vendor' },
}

const embed = (
  { metrics, dimension }: CodeMetrics,
  namespace: string,
  timeMs: number,
  fields: LogFields,
): Record<string, unknown> => ({
  ...(dimension && { [dimension.name]: fields[dimension.field] }),
  ...Object.fromEntries(metrics.map(({ name, field }) => [name, field === undefined ? 1 : fields[field]])),
  _aws: {
    Timestamp: timeMs,
    CloudWatchMetrics: [
      {
        Namespace: namespace,
        Dimensions: [dimension ? [dimension.name] : []],
        Metrics: metrics.map(({ name, unit }) => ({ Name: name, Unit: unit })),
      },
    ],
  },
})

/**
 * What makes a log line count as metrics, in CloudWatch's embedded metric format: CloudWatch reads it out of the log, so
 * that counting costs no call. Empty for lines that count towards nothing.
 *
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export const embeddedMetrics = (
  code: string,
  fields: LogFields,
  line: { readonly namespace: string; readonly timeMs: number; readonly vendor: string | undefined },
): Record<string, unknown> => {
  const { namespace, timeMs, vendor } = line
  const known = metricsByCode[code]
  if (known) return embed(known, namespace, timeMs, fields)
  if (vendor !== undefined) return embed(vendorFailure, namespace, timeMs, { vendor })
  return {}
}
