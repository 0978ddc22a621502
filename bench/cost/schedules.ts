import { listeners, nightsAMonth, readsAnAccountInTurn, sweepsAMonth, usage, waitsMs } from './assumptions.ts'
import {
  callTotals,
  keptLogBytes,
  lambdaCpuMs,
  type MonthlyCall,
  scheduledKeyRequests,
  warmMs,
} from './calls.ts'
import type { Measured } from './measured.ts'
import { scaled } from './money.ts'
import { nothing, type Quantities } from './quantities.ts'
import { usageBytesAMonth } from './stored.ts'

/** Accounts that the sweep and the proof look at together. */
const atOnce = 10

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

/** What an account more adds to a sweep: its share of twice what reading a balance takes. */
const sweepMsAnAccount = (measured: Measured): bigint =>
  BigInt(Math.ceil((2 * warmMs(measured, { name: 'balance', times: 1n, isRequest: true })) / atOnce))

/** How long the proof of every listener's books is billed. */
const proofMs = ({ functions, reconcile }: Measured): bigint => {
  const cpuMs = lambdaCpuMs(reconcile.cpu_us / reconcile.accounts, functions.reconcile?.memory_mb ?? 0)
  const waitedMs = ((waitsMs.dynamodb_read ?? 0) * readsAnAccountInTurn) / atOnce
  return BigInt(Math.ceil(cpuMs + waitedMs)) * listeners
}

/** The sweep and the nightly proof, after so many months of use. */
export const schedulesOf = (measured: Measured, months: bigint, accessLineBytes: number): Quantities => {
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
    logsKept: keptLogBytes(logBytes),
    keys:
      scheduledKeyRequests(measured, 'sweep', sweepsAMonth) +
      scheduledKeyRequests(measured, 'reconcile', nightsAMonth),
  }
}
