import type { LoginRequest, RegisterRequest, SessionResponse, UserResponse } from '../contracts/auth.ts'
import type { BalanceResponse } from '../contracts/credits.ts'
import { type Account, creditsAvailable, creditsHeld, isLapsed } from './account.ts'
import { DomainError } from './errors.ts'
import type { Clock, LedgerStore, Log, PasswordHasher, Secrets, UserDirectory } from './ports.ts'
import { priceList } from './price-list.ts'
import type { Sessions } from './sessions.ts'
import type { Throttle, ThrottleRules } from './throttle.ts'

export interface AccountDependencies {
  readonly users: UserDirectory
  readonly accounts: Pick<LedgerStore, 'readAccount'>
  readonly sessions: Sessions
  readonly passwords: PasswordHasher
  readonly secrets: Secrets
  readonly throttle: Throttle
  readonly rules: ThrottleRules
  readonly now: Clock
  readonly log: Pick<Log, 'info'>
}

/** E-mails that differ only in case or in how Unicode writes them are one account. */
export const normaliseEmail = (email: string): string => email.trim().normalize('NFKC').toLowerCase()

/** The account as its owner reads it. */
export const userView = (account: Account): UserResponse => ({
  user_id: account.userId,
  email: account.email,
  name: account.name ?? null,
  email_verified: account.emailVerified,
  subscription_tier: account.subscriptionTier,
  created_at: account.createdAt,
  last_login: account.lastLogin ?? null,
  payment_failed_at: account.lastPayment?.failed ? account.lastPayment.at : null,
})

/** The credits as their owner reads them; expired holds are to be given back before. */
export const balanceView = (account: Account, nowMs: number): BalanceResponse => ({
  credits_available: creditsAvailable(account, nowMs),
  credits_balance: account.creditsBalance,
  credits_held: creditsHeld(account),
  grants: Object.values(account.grants)
    .filter(grant => !isLapsed(grant, nowMs) && grant.remaining > 0)
    .sort((a, b) => a.expiresAtMs - b.expiresAtMs)
    .map(grant => ({
      credits: grant.remaining,
      expires_at: new Date(grant.expiresAtMs).toISOString(),
      source: grant.source,
    })),
  total_credits_purchased: account.totalCreditsPurchased,
  total_usage: account.totalUsage,
})

/** Opening an account, and signing in to one. */
export class Accounts {
  readonly #deps: AccountDependencies

  constructor(dependencies: AccountDependencies) {
    this.#deps = dependencies
  }

  /** @throws {DomainError} `email_taken`, `too_many_requests` */
  async register(request: RegisterRequest, address: string): Promise<SessionResponse> {
    const { throttle, rules, users, passwords, secrets, now } = this.#deps
    await throttle.count(rules.registerByAddress, address)
    const passwordHash = await passwords.hash(request.password)
    const createdAt = new Date(now()).toISOString()
    const userId = secrets.uuid(now())
    const email = normaliseEmail(request.email)
    const created = await users.create(
      { userId, email, name: request.name, passwordHash, createdAt },
      {
        transactionId: `bonus#${userId}`,
        userId,
        type: 'bonus',
        status: 'completed',
        credits: priceList.signup_bonus,
        createdAt,
        completedAt: createdAt,
        balanceAfter: priceList.signup_bonus,
        priceListVersion: priceList.price_list_version,
      },
    )
    if (!created) {
      throw new DomainError('email_taken', 'This e-mail has an account already. Sign in instead.')
    }
    this.#deps.log.info('account_opened', { user_id: userId })
    return this.#signIn(userId)
  }

  /** @throws {DomainError} `unauthenticated`, `too_many_requests` */
  async login(request: LoginRequest, address: string): Promise<SessionResponse> {
    const { throttle, rules, users, passwords, secrets, now } = this.#deps
    const email = normaliseEmail(request.email)
    await Promise.all([
      throttle.count(rules.loginByAddress, address),
      throttle.count(rules.loginByEmail, secrets.digest(email)),
    ])
    const account = await users.findByEmail(email)
    const matches = account
      ? await passwords.verify(request.password, account.passwordHash)
      : await passwords.verifyNothing(request.password)
    if (!account?.isActive || !matches) {
      throw new DomainError('unauthenticated', 'E-mail or password is wrong.')
    }
    await users.recordLogin(account.userId, new Date(now()).toISOString())
    return this.#signIn(account.userId)
  }

  async #signIn(userId: string): Promise<SessionResponse> {
    const [account, tokens] = await Promise.all([
      this.#deps.accounts.readAccount(userId),
      this.#deps.sessions.start(userId),
    ])
    if (!account) throw new Error('The account that was signed in to does not exist.')
    return { user: userView(account), ...tokens }
  }
}
