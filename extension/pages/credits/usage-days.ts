import type { UsageEntry } from '../../../src/contracts/analytics.ts'
import type { ServiceType } from '../../../src/contracts/credits.ts'
import { serviceTypes } from '../../../src/contracts/service-types.ts'

/** What was used on one day of the listener's calendar. */
export interface UsageDay {
  /** Its midnight, by the listener's clock. */
  readonly startMs: number
  readonly credits: number
  readonly byService: Readonly<Record<ServiceType, number>>
}

/** The midnight with which a span of whole days begins that ends today. @param days 1 or more, today included */
export function spanStartMs(days: number, nowMs: number): number {
  const today = new Date(nowMs)
  return new Date(today.getFullYear(), today.getMonth(), today.getDate() - days + 1).getTime()
}

/** Usage day by day, oldest first, days without any included. What is outside the span is left out. */
export function usageByDay(entries: readonly UsageEntry[], days: number, nowMs: number): UsageDay[] {
  const span = Array.from({ length: days }, (_, index) => emptyDay(spanStartMs(days - index, nowMs)))
  const byStart = new Map(span.map(day => [day.startMs, day]))
  for (const entry of entries) {
    const day = byStart.get(midnightOf(Date.parse(entry.timestamp)))
    if (!day) continue
    day.credits += entry.credits_used
    day.byService[entry.service_type] += entry.credits_used
  }
  return span
}

/** Credits used for each service in all, the most first; services that were not used are left out. */
export function usageByService(days: readonly UsageDay[]): { service: ServiceType; credits: number }[] {
  return serviceTypes
    .map(service => ({ service, credits: days.reduce((sum, day) => sum + day.byService[service], 0) }))
    .filter(({ credits }) => credits > 0)
    .toSorted((a, b) => b.credits - a.credits)
}

/** The height of a chart's scale: the least of 10, 20, 50, 100, 200 … that the highest bar fits under. */
export function scaleTop(highest: number): number {
  for (let power = 10; ; power *= 10) {
    const top = [power, 2 * power, 5 * power].find(candidate => candidate >= highest)
    if (top !== undefined) return top
  }
}

interface GrowingDay extends UsageDay {
  credits: number
  byService: Record<ServiceType, number>
}

const emptyDay = (startMs: number): GrowingDay => ({
  startMs,
  credits: 0,
  byService: { live_transcription: 0, clip_transcription: 0, catchup: 0, ask_agent: 0 },
})

const midnightOf = (ms: number): number => new Date(ms).setHours(0, 0, 0, 0)
