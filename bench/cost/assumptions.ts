// What can't be measured here. A change of any of it is a change of the model: say why, and write it anew
// (`npm run bench -- cost --write`).

export const listeners = 1_000n
const minuteMs = 60_000

/** What one active listener does in a month. What is not said by the issue that asked for this is marked. */
export const usage = {
  /** 20 hours of captions, in sessions of an hour (our assumption: shorter ones cost more starts and stops). */
  sessions: 20n,
  catchups: 40n,
  /** Of the catch-ups (ours). The rest is from the listener's own transcript. */
  channelCatchups: 2n,
  logins: 5n,
  refreshes: 55n,
  purchases: 2n,
  balanceReads: 200n,
  /** The prices are read when the page with the packs is opened, twice for each that is bought (ours). */
  packageReads: 4n,
}

/**
 * Whether a page may ask is asked of the backend by the browser, and remembered for two hours for each address. So the
 * three of a session and the two of a catch-up are asked each time, the balance twice a day, and the rest each time.
 */
export const preflights = {
  aSession: 3n,
  aCatchup: 2n,
  balance: 60n,
}

/** How long what a function waits for takes, in milliseconds. None of it was measured live. November 2026. */
export const waitsMs: Readonly<Record<string, number>> = {
  dynamodb_read: 4,
  dynamodb_write: 6,
  dynamodb_transaction: 15,
  lambda_invoke: 30,
  assemblyai_token: 150,
  assemblyai_submit: 400,
  assemblyai_read: 400,
  /** The sound's own time is below. */
  assemblyai_upload: 500,
  twitch: 150,
  stripe: 700,
  openai_summary: 5_000,
}

/** Fetching a minute of a channel's sound and handing it on, as it comes: a megabyte, at a few megabytes a second. */
export const soundMsAMinute = 300
/** AssemblyAI's own time for a recording of half an hour. */
export const transcriptionMs = 30_000
/** Until Lambda begins an asynchronous invocation. */
export const queueMs = 100
/** As extension/panel/assistant/request-state.ts. */
export const pollEveryMs = 2_000

export const compute = {
  /** Lambda gives a whole vCPU at this much memory, and less in proportion. AWS documents it. */
  vCpuMemoryMb: 1_769,
  /** How much longer a Graviton vCPU takes than a core of the machine that measured, in percent, TLS included. */
  slowerPercent: 150,
  /** A function that nobody called for so long is started anew. AWS promises nothing; 5 to 15 minutes are seen. */
  keptWarmMs: 5 * minuteMs,
  /** Of calls that are not the first after a pause: more at once than before, and environments that AWS renews. */
  coldPerThousand: 10,
  /** Lambda's own start, SSM and the first TLS connections of an environment. Billed since August 2025. */
  coldWaitMs: 350,
  /** Secrets that a start reads; each is one use of KMS. */
  secretsAStart: 3n,
}

export const logs = {
  /** CloudWatch counts 26 bytes for each line beside its text. */
  bytesALine: 26n,
  /** Kept logs are packed: AWS's own examples reckon with 15 %. */
  keptPercent: 15n,
}

/** Headers of an answer, and the HTTP and TLS around a small request. */
export const headerBytes = 500n

/** What DynamoDB adds to an item, and to its entry in an index with that index's keys. */
export const storage = {
  bytesAnItem: 100n,
  bytesAnIndexEntry: 250n,
  /** Copies that a daily backup for 35 days keeps; each is counted whole. */
  backupsKept: 35n,
  artifactBytes: 100_000_000n,
}

/** DynamoDB asks KMS for a table's key at most once in five minutes for each role that uses the table. */
export const keyCacheMs = 5 * minuteMs

export const monthMs = 30 * 24 * 60 * minuteMs
export const sweepsAMonth = BigInt(monthMs / (5 * minuteMs))
export const nightsAMonth = 30n
/** Of the nightly proof: reads that wait one after the other, with ten accounts looked at together. */
export const readsAnAccountInTurn = 4

/** What a reasoning model thinks counts as output, beside what the stand-in says. */
export const reasoningTokensASummary = 400n

export const metrics = {
  /** Credits used for captions and for catch-ups, credits and cents sold, checkouts: there in nearly every hour. */
  always: 5n,
  /** Accounts opened, vendors' failures, holds expired: in some hours. */
  sometimesHours: 5n * 73n,
  hoursAMonth: 730n,
  /** Of the functions, vendors or tables that an alarm's query finds, those that had failed within its three hours. */
  aQuery: 1n,
}

export const live = {
  /** For so long the next lease's socket is open beside the one that it follows; the vendor counts both. */
  overlapMsALease: 15_000n,
}
