import { mkdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { emptyAws, type FakeAws, type FakeStack } from '../fake-aws/state.ts'

const pollMs = 5

/** The account that the fake `aws` keeps in a file: what was deployed is read out of it. */
export class PlayedAccount {
  /** For the variable FAKE_AWS_STATE. */
  readonly file: string
  readonly #stackName: string
  #seen: { readonly changedAtMs: number; readonly aws: FakeAws } | undefined

  private constructor(file: string, stackName: string) {
    this.file = file
    this.#stackName = stackName
  }

  /** An account in which nothing is yet. @param apiUrl where what is deployed will be reached */
  static async open(file: string, stackName: string, apiUrl: string): Promise<PlayedAccount> {
    await writeFile(file, JSON.stringify({ ...emptyAws(), apiUrl }))
    return new PlayedAccount(file, stackName)
  }

  read(): Promise<FakeAws> {
    return this.#locked(async () => {
      const { mtimeMs } = await stat(this.file)
      if (this.#seen?.changedAtMs !== mtimeMs) {
        this.#seen = { changedAtMs: mtimeMs, aws: JSON.parse(await readFile(this.file, 'utf8')) }
      }
      return this.#seen.aws
    })
  }

  async stack(): Promise<FakeStack | undefined> {
    return (await this.read()).stacks[this.#stackName]
  }

  /** Changes something behind the back of `aws`. */
  async change(make: (aws: FakeAws) => void): Promise<void> {
    const aws = await this.read()
    make(aws)
    await this.#locked(() => writeFile(this.file, JSON.stringify(aws)))
  }

  /** The lock is that of the fake `aws`. */
  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const lock = `${this.file}.lock`
    while (!(await this.#take(lock))) await sleep(pollMs)
    try {
      return await work()
    } finally {
      await rmdir(lock)
    }
  }

  #take(lock: string): Promise<boolean> {
    return mkdir(lock).then(
      () => true,
      () => false,
    )
  }
}
