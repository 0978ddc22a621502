import {
  compute,
  headerBytes,
  listeners,
  metrics,
  pollEveryMs,
  preflights,
  soundMsAMinute,
  transcriptionMs,
  usage,
} from './assumptions.ts'
import {
  type CallTotals,
  callTotals,
  coldMs,
  coldStarts,
  type KeyRule,
  keptLogBytes,
  keyRequests,
  type MonthlyCall,
  pollsOf,
  timesByFunction,
  warmMs,
} from './calls.ts'
import { channelMinutes, leasesASession } from './listener.ts'
import type { Measured } from './measured.ts'
import { nothing, type Quantities } from './quantities.ts'
import { schedulesOf } from './schedules.ts'
import { storageOf } from './stored.ts'

export interface Month {
  readonly calls: readonly CallTotals[]
  /** What listeners do, apart from what stands or runs whether there are any or not. */
  readonly ofUse: Quantities
  /** The sweep and the nightly comparison. */
  readonly ofSchedules: Quantities
  /** What is there in the first month, whatever is done: alarms, dashboard, what is stored. */
  readonly standing: Quantities
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
    logsKept: keptLogBytes(logBytes),
    dataOut: sum(totals, 'answerBytes') + sum(totals, 'vendorBytes') + requests * headerBytes,
    keys: starts * compute.secretsAStart + keyRequests(measured, calls, keyRule),
  }
}

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
