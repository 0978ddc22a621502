import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { defaultPlacement, defaultStyle } from '../../../../extension/overlay/placement.ts'
import { layoutChanges, siteMemory } from '../../../../extension/overlay/site-memory.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('what a site is remembered for', () => {
  it('is saved once for changes that follow one another', async () => {
    const saved: object[] = []
    const memory = siteMemory(async changes => void saved.push(changes), systemClock)
    const placement = { ...defaultPlacement, centreX: 0.1 }
    memory.remember({ style: { fontSizePx: 24 } })
    await vi.advanceTimersByTimeAsync(300)
    memory.remember({ placement: defaultPlacement, style: { lines: 4 } })
    memory.remember({ placement })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(saved).toEqual([{ placement, style: { fontSizePx: 24, lines: 4 } }])
  })

  it('is behind until it is saved', async () => {
    let done: () => void = () => undefined
    const memory = siteMemory(() => new Promise(resolve => (done = resolve)), systemClock)
    expect(memory.isBehind()).toBe(false)
    memory.remember({ hidden: true })
    expect(memory.isBehind()).toBe(true)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(memory.isBehind()).toBe(true)
    done()
    await vi.advanceTimersByTimeAsync(0)
    expect(memory.isBehind()).toBe(false)
  })

  it('is saved at once when the page goes, and not again', async () => {
    const saved: object[] = []
    const memory = siteMemory(async changes => void saved.push(changes), systemClock)
    memory.remember({ hidden: true })
    memory.flush()
    expect(saved).toEqual([{ hidden: true }])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(saved).toHaveLength(1)
  })

  it('is only what the listener has changed', () => {
    const before = { style: defaultStyle, placement: defaultPlacement }
    expect(layoutChanges(before, { ...before })).toEqual({})
    const placement = { ...defaultPlacement, centreX: 0.1 }
    expect(layoutChanges(before, { ...before, placement })).toEqual({ placement })
    const style = { ...defaultStyle, fontSizePx: 30, lines: 5 }
    expect(layoutChanges(before, { ...before, style })).toEqual({ style: { fontSizePx: 30, lines: 5 } })
  })
})
