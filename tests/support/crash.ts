/** What a test sees of a process that died: nothing was answered. */
class ProcessDied extends Error {
  constructor() {
    super('The process died here.')
    this.name = 'ProcessDied'
  }
}

/** Where a process dies: at its n-th call to the outside (from 1), before it took effect or after. */
export interface Death {
  readonly atCall: number
  readonly effect: 'before' | 'after'
}

/**
 * A process that dies at one of its calls to the outside and makes no more. `wrap` puts it around a port: every
 * method that answers a promise counts as a call.
 */
export class MortalProcess {
  readonly #death: Death | undefined
  #calls = 0
  #dead = false

  constructor(death?: Death) {
    this.#death = death
  }

  get died(): boolean {
    return this.#dead
  }

  wrap<Port extends object>(port: Port): Port {
    return new Proxy(port, {
      get: (target, name) => {
        const member: unknown = Reflect.get(target, name, target)
        if (typeof member !== 'function') return member
        return (...args: unknown[]) => this.#call(() => Reflect.apply(member, target, args))
      },
    })
  }

  async #call(effect: () => unknown): Promise<unknown> {
    if (this.#dead) throw new ProcessDied()
    this.#calls++
    if (this.#calls !== this.#death?.atCall) return effect()
    this.#dead = true
    if (this.#death.effect === 'after') await effect()
    throw new ProcessDied()
  }
}

/** Runs what a process does; its death is an outcome. Anything else that it throws is thrown. */
export const untilDeath = async <Outcome>(run: () => Promise<Outcome>): Promise<Outcome | undefined> => {
  try {
    return await run()
  } catch (error) {
    if (error instanceof ProcessDied) return undefined
    throw error
  }
}

/** Every death of a scenario: before and after each of its calls, until it lives to its end. */
export const everyDeath = async (scenario: (death: Death) => Promise<MortalProcess>): Promise<number> => {
  for (let atCall = 1; ; atCall++) {
    for (const effect of ['before', 'after'] as const) {
      const process = await scenario({ atCall, effect })
      if (!process.died) return atCall - 1
    }
  }
}
