import { UsageError } from './state.ts'

/** A subcommand's options, as AWS's command line takes them. */
export class Options {
  readonly positionals: string[] = []
  readonly #values = new Map<string, string[]>()

  /**
   * @param known the subcommand's options; `--no-paginate` and such have no value
   * @throws {UsageError} for an option that it hasn't got
   */
  constructor(args: readonly string[], known: readonly string[]) {
    let current: string[] = this.positionals
    for (const arg of args) {
      if (!arg.startsWith('--')) {
        current.push(arg)
        continue
      }
      const name = arg.slice(2)
      if (!known.includes(name)) throw new UsageError(`Unknown options: ${arg}`)
      current = []
      this.#values.set(name, current)
    }
  }

  has(name: string): boolean {
    return this.#values.has(name)
  }

  all(name: string): string[] {
    return this.#values.get(name) ?? []
  }

  /** @throws {UsageError} when it isn't given */
  one(name: string): string {
    const [value] = this.all(name)
    if (value === undefined) throw new UsageError(`the following arguments are required: --${name}`)
    return value
  }
}
