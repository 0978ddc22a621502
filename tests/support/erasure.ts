import { DynamoPersonalRecords } from '../../src/db/personal-records.ts'
import { Erasure, type ErasureDependencies } from '../../src/domain/erasure.ts'
import { AssemblyAiTranscriptDeletion } from '../../src/upstream/assemblyai/transcript-deletion.ts'
import { lazyStripe } from '../../src/upstream/stripe/client.ts'
import { StripeCustomerDeletion } from '../../src/upstream/stripe/customer-deletion.ts'
import type { TestLedger } from './ledger.ts'
import { silent } from './silent-log.ts'
import { SECRET_KEY, type StripeUnderTest } from './stripe-stand-in.ts'
import type { Vendors } from './vendors.ts'

/** Erasing on a test's tables and its vendors' stand-ins, without waiting. */
export const createErasure = (
  ledger: TestLedger,
  stripe: StripeUnderTest,
  vendors: Vendors,
  over: Partial<ErasureDependencies> = {},
): Erasure =>
  new Erasure({
    ledger: ledger.ledger,
    store: ledger.store,
    records: new DynamoPersonalRecords(ledger.database, async () => undefined),
    transcripts: new AssemblyAiTranscriptDeletion({ apiKey: 'key', baseUrl: vendors.assemblyAiUrl }),
    customers: new StripeCustomerDeletion({
      load: lazyStripe({ secretKey: SECRET_KEY, apiUrl: stripe.origin }),
      stage: 'test',
      now: ledger.now,
    }),
    now: ledger.now,
    sleep: async () => undefined,
    log: silent,
    longestRequestMs: 30_000,
    ...over,
  })
