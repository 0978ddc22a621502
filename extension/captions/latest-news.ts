import { backoffMs } from './backoff.ts'
import { type Clock, sleep } from './clock.ts'

const mostTries = 5

/** Tells somebody who may not be there just now the latest of something: what is out of date is left out. */
export class LatestNews<News> {
  readonly #clock: Clock
  readonly #tell: (news: News) => Promise<unknown>
  #next: { readonly news: News } | undefined
  #isTelling = false

  /** @param tell fails where it was not heard */
  constructor(clock: Clock, tell: (news: News) => Promise<unknown>) {
    this.#clock = clock
    this.#tell = tell
  }

  /** It is told after what is being told now, a few times if need be. */
  tell(news: News): void {
    this.#next = { news }
    if (!this.#isTelling) void this.#work()
  }

  async #work(): Promise<void> {
    this.#isTelling = true
    let failures = 0
    while (this.#next && failures < mostTries) {
      const { news } = this.#next
      this.#next = undefined
      const isHeard = await this.#tell(news).then(
        () => true,
        () => false,
      )
      failures = isHeard ? 0 : failures + 1
      if (isHeard) continue
      this.#next ??= { news }
      await sleep(this.#clock, backoffMs(failures, Math.random), never)
    }
    this.#next = undefined
    this.#isTelling = false
  }
}

const never = new AbortController().signal
