import { describe, expect, it } from 'vitest'
import { LineWatch } from '../../../../extension/captions/line-watch.ts'

const quiet = { bufferedBytes: 0, isInTurn: false }

describe('a line', () => {
  it('that says nothing while nobody speaks is fine', () => {
    const watch = new LineWatch(0)
    expect(watch.check({ ...quiet, nowMs: 600_000 })).toBe('fine')
  })

  it('that says nothing for 15 s in the middle of a turn is broken', () => {
    const watch = new LineWatch(0)
    watch.hasNews(1_000)
    watch.hasSound()
    expect(watch.check({ nowMs: 15_900, bufferedBytes: 0, isInTurn: true })).toBe('fine')
    expect(watch.check({ nowMs: 16_000, bufferedBytes: 0, isInTurn: true })).toBe('broken')
  })

  it('that says nothing to sound without words is suspect, once in 15 s', () => {
    const watch = new LineWatch(0)
    watch.hasSound()
    const health = [14_000, 15_000, 16_000, 29_000, 30_000].map(nowMs => watch.check({ ...quiet, nowMs }))
    expect(health).toEqual(['fine', 'suspect', 'fine', 'fine', 'suspect'])
    watch.hasNews(31_000)
    watch.hasSound()
    expect(watch.check({ ...quiet, nowMs: 45_000 })).toBe('fine')
  })

  it('whose bytes wait longer than 5 s and do not get fewer is broken', () => {
    const watch = new LineWatch(0)
    const check = (seconds: number, bufferedBytes: number) =>
      watch.check({ nowMs: seconds * 1_000, bufferedBytes, isInTurn: false })
    expect([0, 1, 2, 3, 4, 5].map(second => check(second, second * 3_200))).not.toContain('broken')
    expect(check(6, 16_000)).toBe('broken')
  })

  it('whose bytes leave, though slowly, is fine', () => {
    const watch = new LineWatch(0)
    const bytes = [3_200, 6_400, 9_600, 8_000, 9_600, 12_800, 11_000, 12_000, 14_000, 13_000]
    const health = bytes.map((bufferedBytes, second) =>
      watch.check({ nowMs: second * 1_000, bufferedBytes, isInTurn: false }),
    )
    expect(new Set(health)).toEqual(new Set(['fine']))
  })

  it('whose bytes wait, and whose vendor talks all the same, is fine', () => {
    const watch = new LineWatch(0)
    for (let second = 0; second < 30; second++) {
      if (second % 3 === 0) watch.hasNews(second * 1_000)
      const signs = { nowMs: second * 1_000, bufferedBytes: 3_200 + second * 500, isInTurn: true }
      expect(watch.check(signs)).toBe('fine')
    }
  })

  it('is overdue with an answer three seconds after the sound that wants one', () => {
    const watch = new LineWatch(0)
    expect(watch.isOverdue(10_000)).toBe(false)
    watch.hasSound()
    expect(watch.isOverdue(2_900)).toBe(false)
    expect(watch.isOverdue(3_000)).toBe(true)
    watch.hasNews(3_000)
    expect(watch.isOverdue(9_000)).toBe(false)
  })
})
