import type { LiveSessions } from '../../../src/domain/ports.ts'

/** A token as it was asked for. */
interface Minted {
  readonly redeemSeconds: number
  readonly sessionSeconds: number
}

/** The `LiveSessions` port: numbered tokens, unless it is to fail. */
export class FakeLiveSessions implements LiveSessions {
  languages: readonly [string, ...string[]] = ['en', 'es', 'multi']
  failure: Error | undefined
  readonly minted: Minted[] = []

  address(language: string): string {
    return `wss://streaming.example.com/v3/ws?language=${language}`
  }

  async mintToken(request: Minted): Promise<string> {
    if (this.failure) throw this.failure
    this.minted.push(request)
    return `token-${this.minted.length}`
  }
}
