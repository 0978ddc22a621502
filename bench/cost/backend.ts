import type { ApiResponse } from '../../src/http/event.ts'
import { apiEvent, type EventOptions } from '../../tests/unit/support/api-event.ts'
import { Functions } from './functions.ts'
import { Tally } from './tally.ts'
import type { Exchange } from './tap.ts'
import type { Arrival, World } from './world.ts'

/** A function's answer to a request, its body read. */
export interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

/** An asynchronous invocation that a function has asked for. */
interface Job {
  readonly function: string
  readonly event: unknown
}

const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations/
const webhooks: Readonly<Record<string, { call: string; function: string }>> = {
  '/webhooks/stripe': { call: 'webhook_stripe', function: 'webhook-stripe' },
  '/webhooks/assemblyai': { call: 'webhook_assemblyai', function: 'webhook-assemblyai' },
}

/** Is told what a function has asked of DynamoDB in one call. */
export type DatabaseWatch = (functionName: string, exchanges: readonly Exchange[]) => void

const isResponse = (answer: unknown): answer is ApiResponse =>
  typeof answer === 'object' && answer !== null && 'statusCode' in answer

/** Calls the functions one after the other, so that what the meters have seen is one call's, and tallies it. */
export class CostBackend {
  readonly tally = new Tally()
  readonly functions: Functions
  readonly #world: World
  readonly #watch: DatabaseWatch
  readonly #jobs: Job[] = []
  readonly #called = new Set<string>()
  readonly #webhooksSeen = new Map<string, number>()
  #turn: Promise<unknown> = Promise.resolve()
  #aheadMs = 0

  private constructor(world: World, functions: Functions, watch: DatabaseWatch) {
    this.#world = world
    this.#watch = watch
    this.functions = functions
    world.receive(arrival => this.#receive(arrival))
  }

  static async start(world: World, watch: DatabaseWatch = () => undefined): Promise<CostBackend> {
    return new CostBackend(world, await Functions.prepare(world.environment), watch)
  }

  /** Sets the functions' clocks. */
  setNow(nowMs: number): void {
    this.#aheadMs = nowMs - Date.now()
  }

  get nowMs(): number {
    return Date.now() + this.#aheadMs
  }

  async request(call: string, name: string, options: EventOptions): Promise<Answer> {
    const answer = await this.invoke(call, name, apiEvent(options))
    if (!isResponse(answer)) throw new Error(`${name} answered no response.`)
    const { statusCode: status = 500, body = '' } = answer
    if (status >= 400) throw new Error(`${call} was answered ${status}: ${body}`)
    return { status, body: body.startsWith('{') ? JSON.parse(body) : {} }
  }

  /** Waits for what runs already, then runs a function and tallies it. */
  invoke(call: string, name: string, event: unknown): Promise<unknown> {
    const run = this.#turn.then(() => this.#run(call, name, event))
    this.#turn = run.catch(() => undefined)
    return run
  }

  /** Runs the oldest asynchronous invocation; waits for it where none has been asked for yet. */
  async runNextJob(call: string): Promise<void> {
    const job = await this.#until(() => this.#jobs.shift())
    await this.invoke(call, job.function, job.event)
  }

  /** Waits until so many webhooks of a kind have been answered in all. */
  async webhookAnswered(path: keyof typeof webhooks, times: number): Promise<void> {
    await this.#until(() => ((this.#webhooksSeen.get(path) ?? 0) >= times ? true : undefined))
  }

  webhooksAnswered(path: keyof typeof webhooks): number {
    return this.#webhooksSeen.get(path) ?? 0
  }

  async #until<T>(look: () => T | undefined): Promise<T> {
    const untilMs = Date.now() + 120_000
    while (Date.now() < untilMs) {
      const found = look()
      if (found !== undefined) return found
      await new Promise(resolve => setTimeout(resolve, 10))
    }
    throw new Error('What was waited for did not come.')
  }

  async #run(call: string, name: string, event: unknown): Promise<unknown> {
    const { databaseTap, vendorTaps } = this.#world
    const jobsBefore = this.#jobs.length
    await this.functions.importCpuUs(name)
    const done = await this.functions.call(name, { event, aheadMs: this.#aheadMs })
    const body = isResponse(done.answer) ? (done.answer.body ?? '') : ''
    const database = databaseTap.take()
    this.#watch(name, database)
    this.tally.add({
      call,
      function: name,
      cpuUs: done.cpuUs,
      isWarm: this.#called.has(name),
      logBytes: done.logBytes,
      logLines: done.logLines,
      answerBytes: Buffer.byteLength(body),
      database,
      vendors: vendorTaps.flatMap(tap => tap.take()),
      invocations: this.#jobs.length - jobsBefore,
    })
    this.#called.add(name)
    return done.answer
  }

  async #receive({ path, headers, query, body }: Arrival): Promise<number> {
    const invoked = invocationPath.exec(path)?.[1]
    if (invoked !== undefined) {
      this.#jobs.push({ function: invoked, event: JSON.parse(body) })
      return 202
    }
    const webhook = webhooks[path]
    if (!webhook) return 404
    const { status } = await this.request(webhook.call, webhook.function, {
      method: 'POST',
      headers,
      query,
      body,
    })
    this.#webhooksSeen.set(path, (this.#webhooksSeen.get(path) ?? 0) + 1)
    return status
  }
}
