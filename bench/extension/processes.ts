import { readFile } from 'node:fs/promises'
import type { CDPSession } from 'playwright-core'

/** What a process of Chromium's is for. The extension has one for its service worker and all of its pages. */
export type Role = 'extension' | 'tab' | 'sound' | 'network' | 'browser' | 'others'

export interface Usage {
  /** Since the browser began. */
  readonly cpuSeconds: number
  /** Its own, and its share of what it shares with others. */
  readonly memoryMb: number
}

export type Usages = Readonly<Record<Role, Usage>>

/** What the browser's processes have used. It reads /proc: Linux only. */
export async function readUsages(browser: CDPSession): Promise<Usages> {
  const { processInfo } = await browser.send('SystemInfo.getProcessInfo')
  const processes = await Promise.all(
    processInfo.map(async ({ id, type, cpuTime }) => ({
      role: roleOf(type, await readProcess(id, 'cmdline')),
      cpuSeconds: cpuTime,
      memoryMb: megabytesOf(await readProcess(id, 'smaps_rollup')),
    })),
  )
  const usage = (role: Role): Usage => {
    const ofRole = processes.filter(process => process.role === role)
    return {
      cpuSeconds: ofRole.reduce((total, { cpuSeconds }) => total + cpuSeconds, 0),
      memoryMb: ofRole.reduce((total, { memoryMb }) => total + memoryMb, 0),
    }
  }
  return {
    extension: usage('extension'),
    tab: usage('tab'),
    sound: usage('sound'),
    network: usage('network'),
    browser: usage('browser'),
    others: usage('others'),
  }
}

function roleOf(type: string, commandLine: string): Role {
  if (commandLine.includes('--extension-process')) return 'extension'
  if (type === 'renderer') return 'tab'
  if (commandLine.includes('audio.mojom.AudioService')) return 'sound'
  if (commandLine.includes('network.mojom.NetworkService')) return 'network'
  return type === 'browser' ? 'browser' : 'others'
}

/** Empty where the process has ended meanwhile. */
const readProcess = (id: number, file: string): Promise<string> =>
  readFile(`/proc/${id}/${file}`, 'utf8').catch(() => '')

const megabytesOf = (smaps: string): number => Number(/^Pss:\s+(\d+) kB/m.exec(smaps)?.[1] ?? 0) / 1_024
