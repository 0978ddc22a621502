import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type AccessToken,
  createSignIn,
  type SignedIn,
  type SignInPorts,
} from '../../../../extension/account/sign-in.ts'
import { Problem } from '../../../../extension/messages/problem.ts'
import { createBackend } from '../../support/test-backend.ts'
import { type Fate, user, type Worker, World } from './sign-in-world.ts'

const apiUrl = 'https://api.example'
const credentials = { email: 'listener@example.com', password: 'correct horse' }

const kept: SignedIn = { email: credentials.email, name: 'L', apiUrl, refreshToken: 'r1' }

const problem = (code: string): Problem => new Problem({ code, detail: '' })

/** A login in memory, with a backend of which a test says what it answers. */
function signInWith(options: {
  signedIn?: SignedIn
  access?: AccessToken
  api?: Partial<Awaited<ReturnType<SignInPorts['backend']>>['api']>
  nowMs?: number
  alone?: SignInPorts['alone']
}) {
  const stored = { signedIn: options.signedIn, access: options.access, forgotten: [] as string[] }
  const unasked = async (): Promise<never> => {
    throw new Error('This was not to be asked.')
  }
  const ports: SignInPorts = {
    vault: {
      readSignedIn: async () => stored.signedIn,
      writeSignedIn: async signedIn => {
        stored.signedIn = signedIn
      },
      readAccessToken: async () => stored.access,
      writeAccessToken: async access => {
        stored.access = access
      },
      forget: async why => {
        stored.forgotten.push(why)
        stored.signedIn = undefined
        stored.access = undefined
      },
    },
    backend: async () => ({
      apiUrl,
      api: { register: unasked, login: unasked, refresh: unasked, logout: unasked, ...options.api },
    }),
    nowMs: () => options.nowMs ?? 0,
    alone: options.alone ?? (work => work()),
  }
  return { signIn: createSignIn(ports), another: () => createSignIn(ports), stored }
}

const tokens = { access_token: 'a2', expires_in: 900, refresh_token: 'r2' }

describe('the access token', () => {
  it('is handed out as it is while it is good for a minute', async () => {
    const { signIn } = signInWith({ signedIn: kept, access: { token: 'a1', expiresAtMs: 60_000 } })
    expect(await signIn.accessToken()).toBe('a1')
  })

  it('is replaced when it lapses within a minute, and its successor stored with the next refresh token', async () => {
    const { signIn, stored } = signInWith({
      signedIn: kept,
      access: { token: 'a1', expiresAtMs: 59_999 },
      api: { refresh: async () => tokens },
    })
    expect(await signIn.accessToken()).toBe('a2')
    expect(stored.signedIn).toEqual({ ...kept, refreshToken: 'r2' })
    expect(stored.access).toEqual({ token: 'a2', expiresAtMs: 900_000 })
  })

  it('is replaced when the API has refused it, however long it is good for', async () => {
    const { signIn } = signInWith({
      signedIn: kept,
      access: { token: 'a1', expiresAtMs: 900_000 },
      api: { refresh: async () => tokens },
    })
    expect(await signIn.accessToken('a1')).toBe('a2')
  })

  it('is the one that has come since, when the API has refused an older one', async () => {
    const { signIn } = signInWith({ signedIn: kept, access: { token: 'a1', expiresAtMs: 900_000 } })
    expect(await signIn.accessToken('a0')).toBe('a1')
  })

  it.each(['unauthenticated', 'validation_failed'])(
    'ends the login when the refresh is refused as %s',
    async code => {
      const refresh = async (): Promise<never> => {
        throw problem(code)
      }
      const { signIn, stored } = signInWith({ signedIn: kept, api: { refresh } })
      await expect(signIn.accessToken()).rejects.toMatchObject({ view: { code: 'signed_out' } })
      expect(stored).toEqual({ signedIn: undefined, access: undefined, forgotten: ['refused'] })
    },
  )

  it.each(['offline', 'unreachable', 'internal', 'too_many_requests', 'unexpected_answer'])(
    'keeps the login when the refresh fails as %s, and says so',
    async code => {
      const refresh = async (): Promise<never> => {
        throw problem(code)
      }
      const { signIn, stored } = signInWith({ signedIn: kept, api: { refresh } })
      await expect(signIn.accessToken()).rejects.toMatchObject({ view: { code } })
      expect(stored.signedIn).toEqual(kept)
    },
  )

  it('is not to be had by who is not signed in', async () => {
    const { signIn } = signInWith({})
    await expect(signIn.accessToken()).rejects.toMatchObject({ view: { code: 'signed_out' } })
  })

  it('of one account is never handed out for another, kept or new', async () => {
    const other = 'other@example.com https://api.example'
    for (const expiresAtMs of [0, 900_000]) {
      const { signIn } = signInWith({ signedIn: kept, access: { token: 'a1', expiresAtMs } })
      await expect(signIn.accessToken(undefined, other)).rejects.toMatchObject({
        view: { code: 'signed_out' },
      })
    }
    const { signIn } = signInWith({ signedIn: kept, access: { token: 'a1', expiresAtMs: 900_000 } })
    expect(await signIn.accessToken(undefined, await signIn.accountKey())).toBe('a1')
  })

  it('of who signs in while it is looked for is not handed out for who was signed in', async () => {
    const { signIn, stored } = signInWith({ signedIn: kept, access: { token: 'a1', expiresAtMs: 900_000 } })
    const account = await signIn.accountKey()
    const asked = signIn.accessToken(undefined, account)
    stored.signedIn = { ...kept, email: 'other@example.com' }
    stored.access = { token: 'b1', expiresAtMs: 900_000 }
    expect(await asked.catch(() => 'none')).not.toBe('b1')
  })

  it('of one backend is never shown to another', async () => {
    const elsewhere = { ...kept, apiUrl: 'https://other.example' }
    const { signIn } = signInWith({ signedIn: elsewhere, access: { token: 'a1', expiresAtMs: 900_000 } })
    await expect(signIn.accessToken()).rejects.toMatchObject({ view: { code: 'signed_out' } })
    expect(await signIn.account()).toEqual({ user: null })
  })
})

describe('a login', () => {
  it('is kept with both its tokens', async () => {
    const login = async () => ({ ...tokens, user })
    const { signIn, stored } = signInWith({ nowMs: 5, api: { login } })
    expect(await signIn.login(credentials)).toEqual({ user: { email: credentials.email, name: null } })
    expect(stored.signedIn).toEqual({ email: credentials.email, name: null, apiUrl, refreshToken: 'r2' })
    expect(stored.access).toEqual({ token: 'a2', expiresAtMs: 900_005 })
  })

  it('is left as it was when the backend refuses another', async () => {
    const login = async (): Promise<never> => {
      throw problem('unauthenticated')
    }
    const { signIn, stored } = signInWith({ signedIn: kept, api: { login } })
    await expect(signIn.login(credentials)).rejects.toMatchObject({ view: { code: 'unauthenticated' } })
    expect(stored.signedIn).toEqual(kept)
  })

  it('is forgotten at once by a sign-out, which tells the backend', async () => {
    const told: string[] = []
    const logout = async (refreshToken: string): Promise<undefined> => {
      told.push(refreshToken)
    }
    const { signIn, stored } = signInWith({ signedIn: kept, api: { logout } })
    expect(await signIn.logout()).toEqual({ user: null })
    expect(stored.forgotten).toEqual(['asked'])
    await expect.poll(() => told).toEqual(['r1'])
  })

  it('is forgotten by a sign-out that the backend can not be told of', async () => {
    const logout = async (): Promise<never> => {
      throw problem('offline')
    }
    const { signIn, stored } = signInWith({ signedIn: kept, api: { logout } })
    await signIn.logout()
    expect(stored.signedIn).toBeUndefined()
  })
})

const fate = fc.constantFrom<Fate>('answered', 'answered', 'lost on the way', 'answer lost', 'failed there')

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('ask' as const), worker: fc.nat(1), stale: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die' as const), worker: fc.nat(1) }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.constantFrom(1_000, 850_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('logout' as const), worker: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('login' as const), worker: fc.nat(1) }) },
)
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never

describe('two workers', () => {
  it('refresh once where both need a token', async () => {
    let refreshes = 0
    let turn: Promise<unknown> = Promise.resolve()
    const { signIn, another } = signInWith({
      signedIn: kept,
      api: {
        refresh: async () => {
          refreshes += 1
          return tokens
        },
      },
      alone: work => {
        const done = turn.then(work)
        turn = done
        return done
      },
    })
    expect(await Promise.all([signIn.accessToken(), another().accessToken()])).toEqual(['a2', 'a2'])
    expect(refreshes).toBe(1)
  })
})

it('stays signed in where the answer is lost after the backend has replaced the token', async () => {
  const backend = createBackend()
  const { refresh_token: refreshToken } = await backend.sessions.start(backend.openAccount())
  let isLost = true
  const { signIn, stored } = signInWith({
    signedIn: { ...kept, refreshToken },
    api: {
      refresh: async token => {
        const answer = await backend.sessions.refresh(token)
        if (isLost) throw problem('unreachable')
        return answer
      },
    },
  })
  await expect(signIn.accessToken()).rejects.toMatchObject({ view: { code: 'unreachable' } })
  isLost = false
  backend.clock.advance(50_000)
  expect(await signIn.accessToken()).toEqual(expect.any(String))
  expect(stored.forgotten).toEqual([])
  expect(await signIn.accessToken(stored.access?.token)).toEqual(expect.any(String))
})

describe('any interleaving of calls, lost answers and workers that die', () => {
  it('uses a refresh token once, unless nobody can know that it was used', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fate), fc.array(step, { minLength: 3, maxLength: 30 }), run),
      { numRuns: 500 },
    )
  })
})

/** Two workers at most live at once, as while an update takes over. */
async function run(scheduler: fc.Scheduler, fates: Fate[], steps: Step[]): Promise<void> {
  const world = new World(scheduler)
  world.fates.push(...fates)
  const workers = [world.begin(), world.begin()]
  const workerOf = (taken: { worker: number }): Worker => workers[taken.worker] ?? world.begin()
  const replace = (at: number): void => {
    workers[at]?.die()
    workers[at] = world.begin()
  }
  const perform = (taken: Step): void => {
    switch (taken.kind) {
      case 'ask':
        void ask(world, workerOf(taken), taken.stale ? world.memory?.token : undefined)
        break
      case 'die':
        replace(taken.worker)
        break
      case 'wait':
        world.nowMs += taken.ms
        break
      case 'restart':
        world.memory = undefined
        replace(0)
        replace(1)
        break
      case 'logout':
        void workerOf(taken).signIn.logout()
        break
      case 'login':
        void workerOf(taken).signIn.login(credentials)
        break
    }
  }

  perform({ kind: 'login', worker: 0 })
  for (const [index, taken] of steps.entries()) {
    void scheduler.schedule(Promise.resolve(), `step ${index} ${taken.kind}`).then(() => perform(taken))
  }
  await scheduler.waitIdle()
  expect(world.violations).toEqual([])
}

/** A token that is handed out was good for a minute when it was asked for, and is not the refused one. */
async function ask(world: World, worker: Worker, stale: string | undefined): Promise<void> {
  const askedAtMs = world.nowMs
  const token = await worker.signIn.accessToken(stale).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error
  })
  if (token === undefined) return
  if (token === stale) world.violations.push('a token that was refused is handed out')
  if ((world.issued.get(token) ?? 0) < askedAtMs + 60_000) world.violations.push('a token that lapses')
}
