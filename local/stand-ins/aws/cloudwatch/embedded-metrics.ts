import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import * as z from 'zod'

/** One value that a log line counts towards a metric. */
export interface Sample {
  namespace: string
  metric: string
  dimensions: Record<string, string>
  atMs: number
  value: number
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const lineSchema = z.looseObject({
  _aws: z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(
      z.object({
        Namespace: z.string(),
        Dimensions: z.array(z.array(z.string())),
        Metrics: z.array(z.object({ Name: z.string() })),
      }),
    ),
  }),
})

/** Reads the samples out of a log's lines; lines that carry none are passed over. */
export async function readSamples(logFile: string): Promise<Sample[]> {
  const input = createReadStream(logFile)
  const samples: Sample[] = []
  try {
    for await (const line of createInterface({ input })) {
      if (line.startsWith('{') && line.includes('"_aws"')) samples.push(...samplesOf(line))
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
  return samples
}

function samplesOf(line: string): Sample[] {
  const parsed = lineSchema.safeParse(jsonOf(line))
  if (!parsed.success) return []
  const { _aws: embedded, ...fields } = parsed.data
  const directives = embedded.CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
    Dimensions.flatMap(names => Metrics.map(({ Name }) => ({ namespace: Namespace, names, metric: Name }))),
  )
  return directives.flatMap(({ namespace, names, metric }) => {
    const dimensions = Object.fromEntries(names.map(name => [name, String(fields[name])]))
    return valuesOf(fields[metric]).map(value => ({
      namespace,
      metric,
      dimensions,
      atMs: embedded.Timestamp,
      value,
    }))
  })
}

function valuesOf(field: unknown): number[] {
  const values: unknown[] = Array.isArray(field) ? field : [field]
  return values.filter(value => typeof value === 'number')
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
