import { type Capacity, totalCapacity } from './capacity.ts'
import type { Measured, MeasuredCall } from './measured.ts'
import type { Exchange } from './tap.ts'

/** One call of a function, as it was seen from outside. */
export interface Sample {
  readonly call: string
  readonly function: string
  readonly cpuUs: number
  /** Whether its process had been called before. */
  readonly isWarm: boolean
  readonly logBytes: number
  readonly logLines: number
  readonly answerBytes: number
  readonly database: readonly Exchange[]
  readonly vendors: readonly Exchange[]
  readonly invocations: number
}

/** What a vendor's route is asked for, for the time that it takes. */
const asks: readonly (readonly [RegExp, string])[] = [
  [/^GET \/assemblyai\/v3\/token/, 'assemblyai_token'],
  [/^POST \/assemblyai\/v2\/upload/, 'assemblyai_upload'],
  [/^POST \/assemblyai\/v2\/transcript/, 'assemblyai_submit'],
  [/^GET \/assemblyai\/v2\/transcript/, 'assemblyai_read'],
  [/^POST \/openai\//, 'openai_summary'],
  [/\/twitch\//, 'twitch'],
  [/ \/v1\//, 'stripe'],
]

const askOf = ({ method, path }: Exchange): string => {
  const found = asks.find(([pattern]) => pattern.test(`${method} ${path}`))
  if (!found) throw new Error(`Nothing is known about ${method} ${path}.`)
  return found[1]
}

const tokensOf = ({ answer }: Exchange): { input: number; output: number } => {
  const { usage = {} } = JSON.parse(answer.toString()) as {
    usage?: { input_tokens?: number; output_tokens?: number }
  }
  return { input: usage.input_tokens ?? 0, output: usage.output_tokens ?? 0 }
}

type Writable = { -readonly [Field in keyof MeasuredCall]: MeasuredCall[Field] }

const nothingYet = (name: string): Writable => ({
  function: name,
  samples: 0,
  write_units: 0,
  read_half_units: 0,
  reads: 0,
  writes: 0,
  transactions: 0,
  tables: [],
  asked: {},
  bytes_to_vendors: 0,
  answer_bytes: 0,
  log_bytes: 0,
  log_lines: 0,
  warm_samples: 0,
  cpu_us: 0,
  input_tokens: 0,
  output_tokens: 0,
})

/** Adds up what calls took, by kind of call. */
export class Tally {
  readonly #calls = new Map<string, Writable>()
  readonly #firstCalls = new Map<string, number>()

  add(sample: Sample): void {
    const call = this.#calls.get(sample.call) ?? nothingYet(sample.function)
    this.#calls.set(sample.call, call)
    call.samples += 1
    call.answer_bytes += sample.answerBytes
    call.log_bytes += sample.logBytes
    call.log_lines += sample.logLines
    addCapacity(call, totalCapacity(sample.database))
    addVendors(call, sample.vendors)
    if (sample.invocations > 0) ask(call, 'lambda_invoke', sample.invocations)
    if (sample.isWarm) {
      call.warm_samples += 1
      call.cpu_us += sample.cpuUs
    } else {
      this.#firstCalls.set(sample.function, sample.cpuUs)
    }
  }

  get calls(): Measured['calls'] {
    return Object.fromEntries([...this.#calls].sort(([one], [other]) => one.localeCompare(other)))
  }

  firstCallCpuUs(name: string): number {
    return this.#firstCalls.get(name) ?? 0
  }
}

const ask = (call: Writable, what: string, times = 1): void => {
  call.asked[what] = (call.asked[what] ?? 0) + times
}

const addCapacity = (call: Writable, capacity: Capacity): void => {
  call.write_units += capacity.writeUnits
  call.read_half_units += capacity.readHalfUnits
  call.reads += capacity.reads
  call.writes += capacity.writes
  call.transactions += capacity.transactions
  call.tables = [...new Set([...call.tables, ...capacity.tables])].sort()
}

const addVendors = (call: Writable, exchanges: readonly Exchange[]): void => {
  for (const exchange of exchanges) {
    const what = askOf(exchange)
    ask(call, what)
    call.bytes_to_vendors += exchange.request.length
    if (what !== 'openai_summary') continue
    const { input, output } = tokensOf(exchange)
    call.input_tokens += input
    call.output_tokens += output
  }
}
