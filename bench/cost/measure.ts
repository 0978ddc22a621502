import { cpus } from 'node:os'
import { CostBackend } from './backend.ts'
import { Listener, minuteMs, sessionMinutes } from './listener.ts'
import { type CallsMeasured, callsMeasuredSchema, type Measured } from './measured.ts'
import { measureRows } from './rows.ts'
import { readMemoryMb } from './service.ts'
import { startWorld } from './world.ts'

const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
const sweepEveryMs = 5 * minuteMs
/** After so long no sweep looks at an account that was active no more. */
const sweptForMs = 6 * hourMs

const rounds = {
  accounts: 4,
  sessions: 3,
  reads: 60,
  signIns: 20,
  purchases: 6,
  transcripts: 6,
  channels: 3,
  pages: 10,
}
const idleSweeps = 12

const wholeHour = (atMs: number): number => Math.ceil(atMs / hourMs) * hourMs

const times = async (count: number, doIt: (index: number) => Promise<void>): Promise<void> => {
  for (let index = 0; index < count; index++) await doIt(index)
}

/** Each kind of call a few times. Captions begin at half past, so that they lie in two of the clock's hours. */
const useEverything = async (listener: Listener): Promise<void> => {
  await times(rounds.signIns, () => listener.signIn())
  await times(rounds.signIns, () => listener.refresh())
  await times(rounds.reads, () => listener.readBalance())
  await times(rounds.pages, () => listener.readPackages())
  await times(rounds.pages, () => listener.askWhetherItMayAsk())
  const begin = wholeHour(Date.now())
  await times(rounds.channels, index => listener.catchUpOnChannel(begin + index * hourMs))
  await times(rounds.sessions, index => listener.caption(begin + dayMs + (3 * index + 0.5) * hourMs))
  await times(rounds.transcripts, index => listener.catchUpOnTranscript(begin + (48 + index) * hourMs, index))
}

/** Sweeps while nobody is active, then while one listener captions and until no sweep looks at them any more. */
const measureSweep = async (backend: CostBackend, listener: Listener): Promise<Measured['sweep']> => {
  const begin = wholeHour(Date.now()) + 20 * dayMs
  const units = () => {
    const { read_half_units = 0, write_units = 0 } = backend.tally.calls.sweep ?? {}
    return { read_half_units, write_units }
  }
  const sweepAt = async (nowMs: number): Promise<void> => {
    backend.setNow(nowMs)
    await backend.invoke('sweep', 'sweep', {})
  }
  // The first one looks back further than all others.
  await sweepAt(begin)
  const before = units()
  await times(idleSweeps, index => sweepAt(begin + (index + 1) * sweepEveryMs))
  const idle = units()
  const startMs = begin + 2.5 * hourMs
  await listener.caption(startMs, sweepAt)
  const lastMs = startMs + sessionMinutes * minuteMs + sweptForMs
  const sweeps = Math.floor((lastMs - startMs) / sweepEveryMs)
  for (let atMs = startMs + hourMs; atMs <= lastMs; atMs += sweepEveryMs) await sweepAt(atMs)
  const after = units()
  const idleReads = idle.read_half_units - before.read_half_units
  const idleWrites = idle.write_units - before.write_units
  const beyondIdle = (all: number, ofIdle: number): number =>
    Math.max(0, all - Math.floor((ofIdle * sweeps) / idleSweeps))
  return {
    idle_samples: idleSweeps,
    idle_read_half_units: idleReads,
    idle_write_units: idleWrites,
    sessions: 1,
    session_read_half_units: beyondIdle(after.read_half_units - idle.read_half_units, idleReads),
    session_write_units: beyondIdle(after.write_units - idle.write_units, idleWrites),
    runs_a_session: sweeps,
  }
}

/** The nightly proof, of as many accounts as there are now. */
const prove = async (backend: CostBackend, nowMs: number) => {
  const reconcile = () => {
    const { read_half_units = 0, log_bytes = 0, cpu_us = 0 } = backend.tally.calls.reconcile ?? {}
    return { read_half_units, log_bytes, cpu_us }
  }
  const before = reconcile()
  backend.setNow(nowMs)
  await backend.invoke('reconcile', 'reconcile', {})
  const after = reconcile()
  return {
    readHalfUnits: after.read_half_units - before.read_half_units,
    logBytes: after.log_bytes - before.log_bytes,
    cpuUs: after.cpu_us - before.cpu_us,
  }
}

const usageBytes = (rows: Measured['rows']): number =>
  Object.entries(rows).reduce((sum, [kind, { bytes }]) => sum + (kind.startsWith('usage_') ? bytes : 0), 0)

const measureFunctions = async (backend: CostBackend): Promise<Measured['functions']> => {
  const memoryMb = await readMemoryMb()
  const functions: Measured['functions'] = {}
  const names = new Set(Object.values(backend.tally.calls).map(call => call.function))
  for (const name of [...names].sort()) {
    functions[name] = {
      memory_mb: memoryMb(name),
      import_cpu_us: await backend.functions.importCpuUs(name),
      first_call_cpu_us: backend.tally.firstCallCpuUs(name),
    }
  }
  return functions
}

/** Runs the functions as they are packed on DynamoDB Local and the stand-ins, and tells what each call took. */
export const measure = async (): Promise<CallsMeasured> => {
  const world = await startWorld()
  const backend = await CostBackend.start(world)
  try {
    const listener = new Listener(backend)
    await times(rounds.accounts, () => listener.register())
    const unused = await prove(backend, Date.now())
    await times(rounds.purchases, () => listener.buy('power'))
    const bought = await prove(backend, Date.now())
    await useEverything(listener)
    const rows = await measureRows(world.database)
    const used = await prove(backend, Date.now() + 4 * dayMs)
    const sweep = await measureSweep(backend, listener)
    return callsMeasuredSchema.parse({
      measured_on: new Date().toISOString().slice(0, 10),
      machine: `${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}`,
      node: process.version,
      functions: await measureFunctions(backend),
      calls: backend.tally.calls,
      sweep,
      reconcile: {
        accounts: rounds.accounts,
        unused_read_half_units: unused.readHalfUnits,
        bought_read_half_units: bought.readHalfUnits,
        used_read_half_units: used.readHalfUnits,
        purchases: rounds.purchases,
        usage_bytes: usageBytes(rows),
        cpu_us: used.cpuUs,
        log_bytes: used.logBytes,
      },
      rows,
    })
  } finally {
    await backend.functions.close()
    await world.close()
  }
}
