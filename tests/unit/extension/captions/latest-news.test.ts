import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { systemClock } from '../../../../extension/captions/clock.ts'
import { LatestNews } from '../../../../extension/captions/latest-news.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('what is out of date while something is being told is left out', async () => {
  const told: number[] = []
  const news = new LatestNews(systemClock, async (number: number) => {
    told.push(number)
    await new Promise(resolve => setTimeout(resolve, 100))
  })
  for (const number of [1, 2, 3, 4]) news.tell(number)
  await vi.advanceTimersByTimeAsync(1_000)
  expect(told).toEqual([1, 4])
})

it('what was not heard is told again, in its latest state', async () => {
  const heard: string[] = []
  let isAwake = false
  const news = new LatestNews(systemClock, async (text: string) => {
    if (!isAwake) throw new Error('Nobody is there.')
    heard.push(text)
  })
  news.tell('one')
  await vi.advanceTimersByTimeAsync(100)
  news.tell('two')
  isAwake = true
  await vi.advanceTimersByTimeAsync(2_000)
  expect(heard).toEqual(['two'])
})

it('after five times it is given up, and what is new is told all the same', async () => {
  let tries = 0
  const news = new LatestNews(systemClock, async () => {
    tries += 1
    throw new Error('Nobody is there.')
  })
  news.tell('one')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(tries).toBe(5)
  expect(vi.getTimerCount()).toBe(0)
  news.tell('two')
  expect(tries).toBe(6)
})
