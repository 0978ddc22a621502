import { setTimeout as sleep } from 'node:timers/promises'
import {
  DescribeContinuousBackupsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  ListTagsOfResourceCommand,
  ResourceNotFoundException,
  RestoreTableToPointInTimeCommand,
  type TableDescription,
  TagResourceCommand,
  UpdateContinuousBackupsCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import { OpsProblem } from './problem.ts'
import type { RecoveryWindow } from './restore-plan.ts'
import type { Target } from './target.ts'

/** A table that is being restored or has been. */
export interface RestoredTable {
  readonly name: string
  readonly isActive: boolean
}

/** A restore takes AWS from minutes to hours. */
const firstPauseMs = 250
const longestPauseMs = 15_000
/** Doubled from the first on: four minutes in all. */
const longestWaitMs = 120_000

/** DynamoDB's point-in-time recovery. */
export class TableRecovery {
  readonly #client: DynamoDBClient

  constructor(target: Pick<Target, 'clientOptions'>) {
    this.#client = new DynamoDBClient(target.clientOptions('dynamodb'))
  }

  /** @throws {OpsProblem} where recovery is not switched on, or there is no such table */
  async windowOf(name: string): Promise<RecoveryWindow> {
    try {
      const { ContinuousBackupsDescription: found } = await this.#client.send(
        new DescribeContinuousBackupsCommand({ TableName: name }),
      )
      const { EarliestRestorableDateTime: earliest, LatestRestorableDateTime: latest } =
        found?.PointInTimeRecoveryDescription ?? {}
      if (!earliest || !latest) throw new OpsProblem(`Point-in-time recovery is not switched on for ${name}.`)
      return { earliestMs: earliest.getTime(), latestMs: latest.getTime() }
    } catch (error) {
      if (isNoTable(error)) throw new OpsProblem(`There is no table ${name}.`)
      throw error
    }
  }

  /**
   * Undefined where there is no such table.
   * @throws {OpsProblem} where there is one that was not restored from `source`
   */
  async find(name: string, source: string): Promise<RestoredTable | undefined> {
    const table = await this.#describe(name)
    if (!table) return undefined
    if (!table.RestoreSummary?.SourceTableArn?.endsWith(`table/${source}`)) {
      throw new OpsProblem(`There is a table ${name} already, and it was not restored from ${source}.`)
    }
    return { name, isActive: table.TableStatus === 'ACTIVE' }
  }

  /**
   * From which table a restored one was made.
   * @throws {OpsProblem} where it was not restored, or that table is gone
   */
  async sourceOf(name: string): Promise<string> {
    const arn = (await this.#describe(name))?.RestoreSummary?.SourceTableArn
    const source = arn?.split(':table/')[1]
    if (source === undefined) throw new OpsProblem(`AWS does not say from which table ${name} was restored.`)
    if (await this.#describe(source)) return source
    throw new OpsProblem(`${name} was restored from ${source}, which is gone.`)
  }

  async begin(source: string, name: string, atMs: number): Promise<void> {
    await this.#client.send(
      new RestoreTableToPointInTimeCommand({
        SourceTableName: source,
        TargetTableName: name,
        RestoreDateTime: new Date(atMs),
      }),
    )
  }

  /** Waits until all are active. */
  async untilActive(
    names: readonly string[],
    onProgress: (waitingFor: readonly string[]) => void,
  ): Promise<void> {
    let pauseMs = firstPauseMs
    for (let left = await this.#inactive(names); left.length > 0; left = await this.#inactive(left)) {
      onProgress(left)
      await sleep(pauseMs)
      pauseMs = Math.min(pauseMs * 2, longestPauseMs)
    }
  }

  /** What a restore does not carry over: recovery for the next time, protection against deletion, tags. */
  async protect(source: string, name: string): Promise<void> {
    await this.#switchRecoveryOn(name)
    const [from, to] = await Promise.all([this.#describe(source), this.#describe(name)])
    if (from?.DeletionProtectionEnabled && !to?.DeletionProtectionEnabled) {
      const command = new UpdateTableCommand({ TableName: name, DeletionProtectionEnabled: true })
      await onceReady(() => this.#client.send(command))
    }
    await this.#copyTags(from?.TableArn, to?.TableArn)
  }

  close(): void {
    this.#client.destroy()
  }

  async #switchRecoveryOn(name: string): Promise<void> {
    const { ContinuousBackupsDescription: found } = await this.#client.send(
      new DescribeContinuousBackupsCommand({ TableName: name }),
    )
    if (found?.PointInTimeRecoveryDescription?.PointInTimeRecoveryStatus === 'ENABLED') return
    await onceReady(() =>
      this.#client.send(
        new UpdateContinuousBackupsCommand({
          TableName: name,
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
      ),
    )
  }

  async #copyTags(from: string | undefined, to: string | undefined): Promise<void> {
    if (from === undefined || to === undefined) return
    const { Tags = [] } = await this.#client.send(new ListTagsOfResourceCommand({ ResourceArn: from }))
    // AWS's own can't be set.
    const ours = Tags.filter(({ Key }) => !Key?.startsWith('aws:'))
    if (ours.length > 0) {
      await this.#client.send(new TagResourceCommand({ ResourceArn: to, Tags: ours }))
    }
  }

  async #inactive(names: readonly string[]): Promise<readonly string[]> {
    const tables = await Promise.all(names.map(name => this.#describe(name)))
    return names.filter((_, index) => tables[index]?.TableStatus !== 'ACTIVE')
  }

  async #describe(name: string): Promise<TableDescription | undefined> {
    try {
      return (await this.#client.send(new DescribeTableCommand({ TableName: name }))).Table
    } catch (error) {
      if (isNoTable(error)) return undefined
      throw error
    }
  }
}

/** For a while a new table is active and takes no change yet. */
const onceReady = async (change: () => Promise<unknown>): Promise<void> => {
  for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
    try {
      await change()
      return
    } catch (error) {
      if (!isNotReady(error) || pauseMs > longestWaitMs) throw error
      await sleep(pauseMs)
    }
  }
}

const isNotReady = (error: unknown): boolean =>
  error instanceof Error &&
  ['ContinuousBackupsUnavailableException', 'ResourceInUseException', 'LimitExceededException'].includes(
    error.name,
  )

const isNoTable = (error: unknown): boolean =>
  error instanceof ResourceNotFoundException ||
  (error instanceof Error && error.name === 'TableNotFoundException')
