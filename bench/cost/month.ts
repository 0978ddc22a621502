import {
  compute,
  headerBytes,
  listeners,
  logs,
  metrics,
  nightsAMonth,
  pollEveryMs,
  preflights,
  readsAnAccountInTurn,
  soundMsAMinute,
  storage,
  sweepsAMonth,
  transcriptionMs,
  usage,
  waitsMs,
} from './assumptions.ts'
import type { AwsService } from './aws-prices-2026-11.ts'
import {
  type CallTotals,
  callTotals,
  coldMs,
  coldStarts,
  type KeyRule,
  keyRequests,
  lambdaCpuMs,
  type MonthlyCall,
  pollsOf,
  scheduledKeyRequests,
  timesByFunction,
  warmMs,
} from './calls.ts'
import { channelMinutes, leasesASession } from './listener.ts'
import type { Measured } from './measured.ts'
import { scaled } from './money.ts'

export type Quantities = Readonly<Record<AwsService, bigint>>

export interface Month {
  readonly calls: readonly CallTotals[]
  /** What listeners do, apart from what stands or runs whether there are any or not. */
  readonly ofUse: Quantities
  /** The sweep and the nightly comparison. */
  readonly ofSchedules: Quantities
  /** What is there in the first month, whatever is done: alarms, dashboard, what is stored. */
  readonly standing: Quantities
}

/** A month in which nothing is asked for. */
export const nothing: Quantities = {
  writes: 0n,
  reads: 0n,
  requests: 0n,
  invocations: 0n,
  compute: 0n,
  logsIn: 0n,
  logsKept: 0n,
  dataOut: 0n,
  keys: 0n,
  alarms: 0n,
  queryAlarms: 0n,
  metricHours: 0n,
  dashboards: 0n,
  stored: 0n,
  recovery: 0n,
  backups: 0n,
  artifacts: 0n,
}

const extraWaitMs = soundMsAMinute * channelMinutes
const request = (name: string, times: bigint): MonthlyCall => ({
  name,
  times: times * listeners,
  isRequest: true,
})
const job = (name: string, times: bigint, extra = 0): MonthlyCall => ({
  name,
  times: times * listeners,
  isRequest: false,
  extraWaitMs: extra,
})

/** How often the extension asks for one catch-up, until it is there. */
const polls = (measured: Measured) => {
  const ms = (call: MonthlyCall): number => warmMs(measured, call)
  const channelMs = ms(job('fetch', 1n, extraWaitMs)) + transcriptionMs + ms(job('summary_channel', 1n))
  return {
    transcript: pollsOf(ms(job('summary_transcript', 1n)), pollEveryMs),
    channel: pollsOf(channelMs, pollEveryMs),
  }
}

/** All that a thousand listeners call in a month. @param channelCatchups of each listener's catch-ups */
export const callsOf = (measured: Measured, channelCatchups = usage.channelCatchups): MonthlyCall[] => {
  const { sessions, catchups, logins, refreshes, purchases, balanceReads, packageReads } = usage
  const own = catchups - channelCatchups
  const { transcript, channel } = polls(measured)
  const mayAsk =
    sessions * preflights.aSession +
    catchups * preflights.aCatchup +
    preflights.balance +
    logins +
    refreshes +
    purchases
  return [
    request('stream_start', sessions),
    request('stream_renew', sessions * BigInt(leasesASession - 1)),
    request('stream_stop', sessions),
    request('catchup_transcript', own),
    request('catchup_channel', channelCatchups),
    request('catchup_poll', own * (transcript - 1n) + channelCatchups * (channel - 1n)),
    request('catchup_poll_done', catchups),
    request('webhook_assemblyai', channelCatchups),
    job('fetch', channelCatchups, extraWaitMs),
    job('summary_transcript', own),
    job('summary_channel', channelCatchups),
    request('login', logins),
    request('refresh', refreshes),
    request('balance', balanceReads),
    request('packages', packageReads),
    request('purchase', purchases),
    request('webhook_stripe', purchases),
    request('checkout_page', purchases),
    request('preflight', mayAsk),
  ]
}

const sum = (totals: readonly CallTotals[], field: Exclude<keyof CallTotals, 'name' | 'billedMs'>): bigint =>
  totals.reduce((total, one) => total + one[field], 0n)

const kept = (bytes: bigint): bigint => (bytes * logs.keptPercent + 99n) / 100n

const useOf = (
  measured: Measured,
  calls: readonly MonthlyCall[],
  totals: readonly CallTotals[],
  keyRule: KeyRule,
): Quantities => {
  const cold = [...timesByFunction(measured, calls)].map(([name, times]) => ({
    starts: coldStarts(times),
    addedMs: BigInt(coldMs(measured, name)),
    memoryMb: BigInt(measured.functions[name]?.memory_mb ?? 0),
  }))
  const starts = cold.reduce((total, one) => total + one.starts, 0n)
  const coldCompute = cold.reduce((total, one) => total + one.starts * one.addedMs * one.memoryMb, 0n)
  const logBytes = sum(totals, 'logBytes')
  const requests = sum(totals, 'requests')
  return {
    ...nothing,
    writes: sum(totals, 'writes'),
    reads: sum(totals, 'readHalfUnits'),
    requests,
    invocations: sum(totals, 'times'),
    compute: sum(totals, 'computeMbMs') + coldCompute,
    logsIn: logBytes,
    logsKept: kept(logBytes),
    dataOut: sum(totals, 'answerBytes') + sum(totals, 'vendorBytes') + requests * headerBytes,
    keys: starts * compute.secretsAStart + keyRequests(measured, calls, keyRule),
  }
}

const rowBytes = ({ rows }: Measured, kind: string, count: bigint): bigint => {
  const row = rows[kind]
  if (!row) throw new Error(`No row of ${kind} was measured.`)
  return scaled(row.bytes, row.items, count)
}

/** Bytes of the Usage rows that a month adds, as DynamoDB counts them for a read. */
const usageBytesAMonth = (measured: Measured): bigint =>
  rowBytes(measured, 'usage_live_transcription', usage.sessions * listeners) +
  rowBytes(measured, 'usage_catchup', usage.catchups * listeners)

/** Bytes that a month's use adds to the ledger's tables, and what the accounts themselves take. */
const storedBytes = (measured: Measured) => {
  const { bytesAnItem, bytesAnIndexEntry } = storage
  const added = (items: bigint, indexEntries = 0n): bigint =>
    (items * bytesAnItem + indexEntries * bytesAnIndexEntry) * listeners
  const purchases = usage.purchases * listeners
  return {
    accounts: rowBytes(measured, 'user', listeners) + rowBytes(measured, 'email', listeners) + added(2n, 1n),
    aMonth:
      usageBytesAMonth(measured) +
      rowBytes(measured, 'transaction', purchases) +
      added(usage.sessions + usage.catchups + usage.purchases, usage.purchases),
  }
}

/** What is stored on average over the month that ends after so many of them, and its daily copies. */
const storageOf = (measured: Measured, months: bigint): Quantities => {
  const { accounts, aMonth } = storedBytes(measured)
  const average = accounts + aMonth * months - aMonth / 2n
  const { backupsKept, artifactBytes } = storage
  // A month's first copies are there for the rest of it: of 35, about half in the first month.
  const copies = months === 1n ? backupsKept / 2n : backupsKept
  return {
    ...nothing,
    stored: average,
    recovery: average,
    backups: average * copies,
    artifacts: artifactBytes,
  }
}

/** Half read units of proving every listener's books once, after so many months of use. */
const proofHalfUnits = (measured: Measured, months: bigint): bigint => {
  const { reconcile } = measured
  const { accounts, unused_read_half_units, bought_read_half_units, used_read_half_units } = reconcile
  const ofPurchases = BigInt(bought_read_half_units - unused_read_half_units)
  const ofUsage = BigInt(used_read_half_units - bought_read_half_units)
  return (
    scaled(unused_read_half_units, accounts, listeners) +
    scaled(ofPurchases * months, reconcile.purchases, usage.purchases * listeners) +
    scaled(ofUsage * months, reconcile.usage_bytes, usageBytesAMonth(measured))
  )
}

/** How long the proof of every listener's books is billed. */
const proofMs = ({ functions, reconcile }: Measured): bigint => {
  const cpuMs = lambdaCpuMs(reconcile.cpu_us / reconcile.accounts, functions.reconcile?.memory_mb ?? 0)
  const waitedMs = ((waitsMs.dynamodb_read ?? 0) * readsAnAccountInTurn) / 10
  return BigInt(Math.ceil(cpuMs + waitedMs)) * listeners
}

const schedulesOf = (measured: Measured, months: bigint, accessLineBytes: number): Quantities => {
  const sweeps: MonthlyCall = { name: 'sweep', times: sweepsAMonth, isRequest: false }
  const totals = callTotals(measured, sweeps, accessLineBytes)
  const { sweep } = measured
  // A catch-up from a channel comes in hours of its own and is looked at as long as captions are.
  const hours = (usage.sessions + usage.channelCatchups) * listeners
  const memoryMb = BigInt(measured.functions.sweep?.memory_mb ?? 0)
  const proofMemoryMb = BigInt(measured.functions.reconcile?.memory_mb ?? 0)
  // Each account that a sweep looks at is a read more to wait for; ten are read at a time.
  const looks = scaled(sweep.session_read_half_units, 2n * BigInt(sweep.sessions), hours)
  const logBytes = totals.logBytes + BigInt(measured.reconcile.log_bytes) * nightsAMonth
  return {
    ...nothing,
    writes:
      scaled(sweep.idle_write_units, sweep.idle_samples, sweepsAMonth) +
      scaled(sweep.session_write_units, sweep.sessions, hours),
    reads:
      scaled(sweep.idle_read_half_units, sweep.idle_samples, sweepsAMonth) +
      scaled(sweep.session_read_half_units, sweep.sessions, hours) +
      proofHalfUnits(measured, months) * nightsAMonth,
    invocations: sweepsAMonth + nightsAMonth,
    compute:
      totals.computeMbMs +
      looks * sweepMsAnAccount(measured) * memoryMb +
      nightsAMonth * proofMs(measured) * proofMemoryMb,
    logsIn: logBytes,
    logsKept: kept(logBytes),
    keys:
      scheduledKeyRequests(measured, 'sweep', sweepsAMonth) +
      scheduledKeyRequests(measured, 'reconcile', nightsAMonth),
  }
}

/** Twice what a read of one account takes the function that reads balances. */
const sweepMsAnAccount = (measured: Measured): bigint =>
  BigInt(Math.ceil(warmMs(measured, { name: 'balance', times: 1n, isRequest: true }) / 5))

export interface MonthOptions {
  /** How many months of use there have been, this one included: what is stored grows. */
  readonly months?: bigint
  /** Of each listener's catch-ups. */
  readonly channelCatchups?: bigint
  /** When DynamoDB asks for keys: as AWS documents it, where nothing is said. */
  readonly keyRule?: KeyRule
}

/** What a month of a thousand listeners asks of AWS. */
export const monthOf = (
  measured: Measured,
  { months = 1n, channelCatchups = usage.channelCatchups, keyRule = 'once_idle' }: MonthOptions = {},
): Month => {
  const { standing } = measured
  const calls = callsOf(measured, channelCatchups)
  const totals = calls.map(call => callTotals(measured, call, standing.access_line_bytes))
  return {
    calls: totals,
    ofUse: useOf(measured, calls, totals, keyRule),
    ofSchedules: schedulesOf(measured, months, standing.access_line_bytes),
    standing: {
      ...storageOf(measured, months),
      alarms: BigInt(standing.alarm_metrics),
      queryAlarms: BigInt(standing.query_alarms) * metrics.aQuery,
      dashboards: BigInt(standing.dashboards),
      metricHours: metrics.always * metrics.hoursAMonth + metrics.sometimesHours,
    },
  }
}
