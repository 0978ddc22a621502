import { v7 } from 'uuid'

/** A clock that moves only when it is told to. */
export class TestClock {
  nowMs: number
  /** A `Clock` of the domain. */
  readonly now = (): number => this.nowMs
  /** Sleeping is advancing: nobody waits. */
  readonly sleep = (milliseconds: number): Promise<void> => {
    this.nowMs += milliseconds
    return Promise.resolve()
  }

  constructor(startMs = Date.UTC(2026, 10, 21, 12)) {
    this.nowMs = startMs
  }

  advance(milliseconds: number): void {
    this.nowMs += milliseconds
  }

  /** A UUIDv7 minted now, or `ageMs` ago. */
  id(ageMs = 0): string {
    return v7({ msecs: this.nowMs - ageMs })
  }

  iso(): string {
    return new Date(this.nowMs).toISOString()
  }
}
