import type { Scheduler } from 'fast-check'
import {
  type AccessToken,
  createSignIn,
  type SignedIn,
  type SignIn,
  type Vault,
} from '../../../../extension/account/sign-in.ts'
import { Problem } from '../../../../extension/messages/problem.ts'
import type { SessionResponse, TokensResponse } from '../../../../src/contracts/auth.ts'
import { lostAnswerMs } from '../../../../src/domain/sessions.ts'

/** What becomes of a request and its answer. */
export type Fate = 'answered' | 'lost on the way' | 'answer lost' | 'failed there'

const lifeMs = 900_000

export const user: SessionResponse['user'] = {
  user_id: 'u',
  email: 'listener@example.com',
  name: null,
  email_verified: true,
  subscription_tier: 'free',
  created_at: '2026-01-01T00:00:00.000Z',
  last_login: null,
  payment_failed_at: null,
}

const dead = new Promise<never>(() => undefined)

/**
 * A backend that is as strict as the real one, the storage of a browser, and workers that share it and may die between
 * any two steps. Every step waits for its turn, which the scheduler gives in any order.
 */
export class World {
  nowMs = 1_000_000
  readonly violations: string[] = []
  /** What happens to the refreshes that come, one after the other; then all are answered. */
  readonly fates: Fate[] = []
  readonly #scheduler: Scheduler
  readonly #uses = new Map<string, { worker: Worker; isLost: boolean }>()
  readonly #queue: { worker: Worker; run: () => Promise<void> }[] = []
  #holder: Worker | undefined
  #minted = 0
  #family = 0
  /** Logins that have not ended: the token that is good, and the one that it was given for. */
  readonly #logins = new Map<string, { current: string; former?: { token: string; replacedAtMs: number } }>()
  #inFlight = 0
  disk: SignedIn | undefined
  memory: AccessToken | undefined
  readonly #ended = new Set<string>()
  readonly #pairs = new Map<string, string>()
  /** Access tokens that are good, and until when. */
  readonly issued = new Map<string, number>()
  isLoggedIn = false

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  begin(): Worker {
    return new Worker(this)
  }

  /** The worker's turn comes; one that has died never gets it. */
  async turn(worker: Worker, what: string): Promise<void> {
    await this.#scheduler.schedule(Promise.resolve(), what)
    if (!worker.isAlive) await dead
  }

  login(): SessionResponse {
    this.#family += 1
    const tokens = this.#mint(`${this.#family}`)
    this.#logins.set(`${this.#family}`, { current: tokens.refresh_token })
    return { ...tokens, user }
  }

  async refresh(worker: Worker, refreshToken: string): Promise<TokensResponse> {
    if (this.#inFlight > 0) this.violations.push('two refreshes at once')
    const fate = this.fates.shift() ?? 'answered'
    this.#noteUse(worker, refreshToken, fate)
    this.#inFlight += 1
    worker.onDeath = () => {
      this.#inFlight -= 1
    }
    await this.turn(worker, `refresh ${refreshToken}`)
    const outcome = fate === 'lost on the way' || fate === 'failed there' ? fate : this.#rotate(refreshToken)
    await this.turn(worker, `answer ${fate}`)
    this.#inFlight -= 1
    worker.onDeath = undefined
    if (fate === 'failed there') throw new Problem({ code: 'internal', detail: '' })
    if (fate !== 'answered') throw new Problem({ code: 'unreachable', detail: '' })
    if (typeof outcome === 'string') throw new Problem({ code: 'unauthenticated', detail: '' })
    return outcome
  }

  alone<Result>(worker: Worker, work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ worker, run: () => work().then(resolve, reject) })
      this.#next()
    })
  }

  /** Locks of a worker that dies are given on. */
  release(worker: Worker): void {
    if (this.#holder !== worker) return
    this.#holder = undefined
    this.#next()
  }

  #next(): void {
    if (this.#holder) return
    const waiting = this.#queue.find(({ worker }) => worker.isAlive)
    if (!waiting) return
    this.#queue.splice(0, this.#queue.indexOf(waiting) + 1)
    this.#holder = waiting.worker
    void waiting.run().finally(() => this.release(waiting.worker))
  }

  #mint(family: string): TokensResponse {
    this.#minted += 1
    const refreshToken = `${family}.${this.#minted}`
    const accessToken = `access ${this.#minted}`
    this.issued.set(accessToken, this.nowMs + lifeMs)
    this.#pairs.set(accessToken, refreshToken)
    return { access_token: accessToken, expires_in: lifeMs / 1_000, refresh_token: refreshToken }
  }

  /** A token that is not the family's latest ends the family, but for the one before it, for a minute. */
  #rotate(refreshToken: string): TokensResponse | 'refused' {
    const family = familyOf({ refreshToken })
    const login = this.#logins.get(family)
    const former = this.#formerAfter(family, refreshToken)
    if (former) {
      const tokens = this.#mint(family)
      this.#logins.set(family, { current: tokens.refresh_token, former })
      return tokens
    }
    if (login?.former && this.nowMs - login.former.replacedAtMs < lostAnswerMs) {
      this.violations.push('a login ends within a minute of an answer')
    }
    this.#logins.delete(family)
    return 'refused'
  }

  #formerAfter(family: string, used: string): { token: string; replacedAtMs: number } | undefined {
    const { current, former } = this.#logins.get(family) ?? {}
    if (used === current) return { token: used, replacedAtMs: this.nowMs }
    const isRepeat = former?.token === used && this.nowMs - former.replacedAtMs < lostAnswerMs
    return isRepeat ? former : undefined
  }

  /** A second use is right only where nobody can know of the first. */
  #noteUse(worker: Worker, refreshToken: string, fate: Fate): void {
    const first = this.#uses.get(refreshToken)
    if (first && !first.isLost && first.worker.isAlive) this.violations.push(`${refreshToken} used again`)
    this.#uses.set(refreshToken, { worker, isLost: fate !== 'answered' })
  }

  /** Once its successor is stored, a token is never used again, whoever dies. */
  store(signedIn: SignedIn): void {
    if (this.disk && this.#uses.has(this.disk.refreshToken)) {
      this.#uses.set(this.disk.refreshToken, { worker: eternal, isLost: false })
    }
    if (this.#ended.has(familyOf(signedIn))) this.violations.push('a login that was ended is back')
    this.disk = signedIn
  }

  storeAccess(access: AccessToken): void {
    if (this.#pairs.get(access.token) !== this.disk?.refreshToken) {
      this.violations.push('an access token is stored before the refresh token that came with it')
    }
    this.memory = access
  }

  forget(): void {
    if (this.disk) this.#ended.add(familyOf(this.disk))
    this.disk = undefined
    this.memory = undefined
  }
}

const familyOf = ({ refreshToken }: Pick<SignedIn, 'refreshToken'>): string =>
  refreshToken.split('.')[0] ?? ''

/** A service worker, with the code under test in it. */
export class Worker {
  isAlive = true
  onDeath: (() => void) | undefined
  readonly signIn: SignIn
  readonly #world: World

  constructor(world: World) {
    this.#world = world
    this.signIn = createSignIn({
      vault: vaultOf(world, this),
      backend: async () => ({
        apiUrl: 'https://api.example',
        api: {
          register: async () => world.login(),
          login: async () => world.login(),
          refresh: token => world.refresh(this, token),
          logout: async () => undefined,
        },
      }),
      nowMs: () => world.nowMs,
      alone: work => world.alone(this, work),
    })
  }

  die(): void {
    this.isAlive = false
    this.onDeath?.()
    this.#world.release(this)
  }
}

const eternal = { isAlive: true } as Worker

const vaultOf = (world: World, worker: Worker): Vault => ({
  readSignedIn: async () => {
    await world.turn(worker, 'read the login')
    return world.disk
  },
  writeSignedIn: async signedIn => {
    await world.turn(worker, 'write the login')
    world.store(signedIn)
  },
  readAccessToken: async () => {
    await world.turn(worker, 'read the token')
    return world.memory
  },
  writeAccessToken: async token => {
    await world.turn(worker, 'write the token')
    world.storeAccess(token)
  },
  forget: async () => {
    await world.turn(worker, 'forget')
    world.forget()
  },
})
