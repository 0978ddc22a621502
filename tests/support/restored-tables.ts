import { PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import type { Operation } from '../../ops/command.ts'
import { ledgerTables, type RestorePlan } from '../../ops/restore-plan.ts'
import type { Target } from '../../ops/target.ts'
import { readConfig } from '../../src/config.ts'
import type { Database } from '../../src/db/dynamodb.ts'
import { connectToOwnTables, emptyTables } from './database.ts'
import { createLedger, type TestLedger } from './ledger.ts'
import { SECRET_KEY, type StripeUnderTest, startStripe } from './stripe-stand-in.ts'
import { startVendors, type Vendors } from './vendors.ts'

/** Tables that serve, others that play restored ones, and the vendors beside them. */
export interface RestoredTables {
  readonly serving: TestLedger
  readonly restored: TestLedger
  readonly stripe: StripeUnderTest
  readonly vendors: Vendors
  /** Makes the restored tables what those that serve are now, as a restore does. */
  restore(): Promise<void>
  plan(): RestorePlan
  /** What a command is given. */
  operation(): Operation
  empty(): Promise<void>
  close(): Promise<void>
}

const ledgerNames = ({ tables: { users, usage, transactions } }: Database) => ({ users, usage, transactions })

/** @param stripeNow the time at Stripe */
export const startRestoredTables = async (
  atMs: number,
  stripeNow: () => number = Date.now,
): Promise<RestoredTables> => {
  const stripe = await startStripe({ now: stripeNow })
  const vendors = await startVendors()
  const serving = createLedger(await connectToOwnTables(), () => Date.now())
  const restored = createLedger(await connectToOwnTables(), () => Date.now())

  const target: Target = {
    stage: 'test',
    region: 'us-east-1',
    isProd: false,
    stateDir: '/tmp/none',
    apiUrl: 'http://127.0.0.1',
    tablesSuffix: '',
    database: serving.database,
    environment: {},
    clientOptions: () => ({ region: 'us-east-1' }),
    config: (...names) =>
      readConfig(names, async () => ({}), {
        STAGE: 'test',
        STRIPE_SECRET_KEY: SECRET_KEY,
        STRIPE_API_URL: stripe.origin,
        ASSEMBLYAI_API_KEY: 'key',
        ASSEMBLYAI_API_URL: vendors.assemblyAiUrl,
      }),
    stack: () => Promise.reject(new Error('There is no stack.')),
    operator: async () => 'arn:aws:iam::123456789012:user/ann',
    close: () => undefined,
  }

  return {
    serving,
    restored,
    stripe,
    vendors,
    async restore() {
      const { client, tables } = serving.database
      for (const table of ledgerTables) {
        const { Items = [] } = await client.send(new ScanCommand({ TableName: tables[table] }))
        for (const Item of Items) {
          await client.send(new PutCommand({ TableName: restored.database.tables[table], Item }))
        }
      }
    },
    plan: () => ({
      atMs,
      suffix: '-r20261129120000',
      from: ledgerNames(serving.database),
      to: ledgerNames(restored.database),
    }),
    operation: () => ({
      target,
      confirm: async () => undefined,
      yes: true,
      progress: () => undefined,
      now: Date.now,
    }),
    async empty() {
      await emptyTables(serving.database)
      await emptyTables(restored.database)
    },
    async close() {
      await stripe.close()
      await vendors.close()
    },
  }
}
