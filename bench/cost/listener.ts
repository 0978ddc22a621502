import { v7 } from 'uuid'
import type { Answer, CostBackend } from './backend.ts'
import { segmentsOf } from './talk.ts'

export const minuteMs = 60_000
const leaseMs = 5 * minuteMs
/** The extension renews before a lease ends; the backend takes it in the last 30 s. */
const renewBeforeMs = 15_000
const accessMs = 10 * minuteMs

/** What the extension's forms offer first. */
export const transcriptMinutes = 10
export const channelMinutes = 30
export const sessionMinutes = 60
export const leasesASession = (sessionMinutes * minuteMs) / leaseMs

const password = 'a password that nobody guesses'

/** One listener, who does each thing that a listener does, by the backend's functions alone. */
export class Listener {
  readonly #backend: CostBackend
  #email = ''
  #access = ''
  #refresh = ''
  #signedInAtMs = 0

  constructor(backend: CostBackend) {
    this.#backend = backend
  }

  /** Opens an account, and is that account's listener from then on. */
  async register(): Promise<void> {
    this.#email = `${v7()}@example.com`
    const email = this.#email
    this.#keep(await this.#post('register', 'auth-register', { email, password }))
  }

  async signIn(): Promise<void> {
    this.#keep(await this.#post('login', 'auth-login', { email: this.#email, password }))
  }

  async refresh(): Promise<void> {
    this.#keep(await this.#post('refresh', 'auth-refresh', { refresh_token: this.#refresh }))
  }

  /** Presses the button on Stripe's page too, and waits until the credits are there. */
  async buy(packageId: string): Promise<void> {
    const path = '/webhooks/stripe'
    const before = this.#backend.webhooksAnswered(path)
    const { body } = await this.#post('purchase', 'credits-purchase', { package_id: packageId })
    const form = new URLSearchParams({ action: 'pay' })
    await fetch(String(body.checkout_url), { method: 'POST', body: form, redirect: 'manual' })
    await this.#backend.webhookAnswered(path, before + 1)
    await this.#backend.request('checkout_page', 'checkout-success', { query: { session_id: 'cs_1' } })
  }

  async readBalance(): Promise<void> {
    await this.#backend.request('balance', 'credits-balance', { headers: this.#headers })
  }

  async readPackages(): Promise<void> {
    await this.#backend.request('packages', 'credits-packages', {})
  }

  async askWhetherItMayAsk(): Promise<void> {
    await this.#backend.request('preflight', 'preflight', { method: 'OPTIONS' })
  }

  /** Captions for an hour. `eachFiveMinutes` is called between renewals, with the time. */
  async caption(startMs: number, eachFiveMinutes?: (nowMs: number) => Promise<void>): Promise<void> {
    const id = v7({ msecs: startMs })
    await this.#signInAt(startMs)
    await this.#post('stream_start', 'stream-start', { language: 'en' }, id)
    for (let lease = 1; lease < leasesASession; lease++) {
      const endMs = startMs + lease * leaseMs
      await this.#signInAt(endMs - renewBeforeMs)
      await this.#post('stream_renew', 'stream-renew', { lease: lease + 1 }, id)
      await eachFiveMinutes?.(endMs)
    }
    await this.#signInAt(startMs + sessionMinutes * minuteMs)
    await this.#post('stream_stop', 'stream-stop', {}, id)
  }

  async catchUpOnTranscript(nowMs: number, seed: number): Promise<void> {
    const id = await this.#startCatchUp(nowMs, 'catchup_transcript', {
      segments: segmentsOf(transcriptMinutes, seed),
    })
    await this.#poll('catchup_poll', id)
    await this.#backend.runNextJob('summary_transcript')
    await this.#poll('catchup_poll_done', id)
  }

  async catchUpOnChannel(nowMs: number): Promise<void> {
    const path = '/webhooks/assemblyai'
    const before = this.#backend.webhooksAnswered(path)
    const id = await this.#startCatchUp(nowMs, 'catchup_channel', {
      channel: 'speaks',
      minutes: channelMinutes,
    })
    await this.#poll('catchup_poll', id)
    await this.#backend.runNextJob('fetch')
    await this.#backend.webhookAnswered(path, before + 1)
    await this.#poll('catchup_poll', id)
    await this.#backend.runNextJob('summary_channel')
    await this.#poll('catchup_poll_done', id)
  }

  /** Access tokens live for a quarter of an hour. */
  async #signInAt(nowMs: number): Promise<void> {
    this.#backend.setNow(nowMs)
    if (Math.abs(nowMs - this.#signedInAtMs) < accessMs) return
    await this.signIn()
    this.#signedInAtMs = nowMs
  }

  async #startCatchUp(nowMs: number, call: string, body: object): Promise<string> {
    await this.#signInAt(nowMs)
    const id = v7({ msecs: nowMs })
    await this.#post(call, 'catchup-create', body, id)
    return id
  }

  async #poll(call: string, id: string): Promise<void> {
    const { body } = await this.#backend.request(call, 'catchup-read', {
      headers: this.#headers,
      path: { id },
    })
    const isDone = body.status === 'completed'
    if (isDone !== (call === 'catchup_poll_done')) throw new Error(`The catch-up is ${String(body.status)}.`)
  }

  #post(call: string, name: string, body: object, id?: string): Promise<Answer> {
    const key = id === undefined ? {} : { 'idempotency-key': id }
    return this.#backend.request(call, name, {
      method: 'POST',
      headers: { ...this.#headers, ...key },
      ...(id === undefined ? {} : { path: { id } }),
      body,
    })
  }

  get #headers(): Record<string, string> {
    return this.#access === '' ? {} : { authorization: `Bearer ${this.#access}` }
  }

  #keep({ body }: Answer): void {
    this.#access = String(body.access_token)
    this.#refresh = String(body.refresh_token)
    this.#signedInAtMs = this.#backend.nowMs
  }
}
