import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { standingSchema } from './standing.ts'

const count = z.int().min(0)

/** Everything that one kind of call took, over all its samples; `cpu_us` without each process's first call. */
const callSchema = z.strictObject({
  function: z.string(),
  samples: z.int().min(1),
  write_units: count,
  /** An eventually consistent read of up to 4 KB is one. */
  read_half_units: count,
  reads: count,
  writes: count,
  transactions: count,
  tables: z.array(z.string()),
  /** Requests to vendors and to Lambda, by what they ask. */
  asked: z.record(z.string(), count),
  bytes_to_vendors: count,
  answer_bytes: count,
  log_bytes: count,
  log_lines: count,
  warm_samples: z.int().min(1),
  cpu_us: count,
  input_tokens: count,
  output_tokens: count,
})

const functionSchema = z.strictObject({
  memory_mb: z.int().min(128),
  import_cpu_us: count,
  first_call_cpu_us: count,
})

export const callsMeasuredSchema = z.strictObject({
  measured_on: z.iso.date(),
  machine: z.string(),
  node: z.string(),
  functions: z.record(z.string(), functionSchema),
  calls: z.record(z.string(), callSchema),
  /** What a sweep costs while nobody is active, and what an hour of captions adds to all the sweeps that see it. */
  sweep: z.strictObject({
    idle_samples: z.int().min(1),
    idle_read_half_units: count,
    idle_write_units: count,
    sessions: z.int().min(1),
    session_read_half_units: count,
    session_write_units: count,
    runs_a_session: z.int().min(1),
  }),
  /** The nightly proof of these accounts' books: before one of them was used, once it had bought, and in the end. */
  reconcile: z.strictObject({
    accounts: z.int().min(1),
    unused_read_half_units: count,
    bought_read_half_units: count,
    used_read_half_units: count,
    purchases: z.int().min(1),
    /** Of the account that was used: its rows in Usage, as `rows` counts them. */
    usage_bytes: z.int().min(1),
    cpu_us: count,
    log_bytes: count,
  }),
  /** Bytes of items as DynamoDB counts them, without what it adds to each. */
  rows: z.record(z.string(), z.strictObject({ items: z.int().min(1), bytes: count })),
})

/** What calls took, and what the template has that is paid for all the time. */
const measuredSchema = callsMeasuredSchema.extend({ standing: standingSchema })

export type CallsMeasured = z.infer<typeof callsMeasuredSchema>
export type Measured = z.infer<typeof measuredSchema>
export type MeasuredCall = z.infer<typeof callSchema>

export const measuredFile = new URL('./measured.json', import.meta.url)

/** @throws {Error} where the file is missing or not as it should be */
export const readMeasured = async (): Promise<Measured> =>
  measuredSchema.parse(JSON.parse(await readFile(measuredFile, 'utf8')))
