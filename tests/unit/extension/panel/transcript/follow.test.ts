import { describe, expect, it } from 'vitest'
import {
  afterJump,
  afterScroll,
  atStart,
  type Follow,
} from '../../../../../extension/panel/transcript/follow.ts'

const place = (topPx: number, contentPx = 2_000) => ({ topPx, viewPx: 500, contentPx })
const followingAt = (topPx: number): Follow => ({ following: true, topPx })

describe('a list that is followed', () => {
  it('is not followed any more once the listener scrolls up', () => {
    expect(afterScroll(followingAt(1_500), place(1_400)).following).toBe(false)
  })

  it('stays followed when it grows below, or above and is held in place', () => {
    expect(afterScroll(followingAt(1_500), place(1_500, 2_300)).following).toBe(true)
    expect(afterScroll(followingAt(1_500), place(1_800, 2_600)).following).toBe(true)
  })

  it('stays followed when it shrinks, and with it the place where its end is', () => {
    expect(afterScroll(followingAt(1_500), place(900, 1_400)).following).toBe(true)
  })

  it('stays followed within two lines of its end', () => {
    expect(afterScroll(followingAt(1_500), place(1_460)).following).toBe(true)
  })
})

describe('a list that is not followed', () => {
  const reading: Follow = { following: false, topPx: 200 }

  it('is left alone while it grows and is read', () => {
    expect(afterScroll(reading, place(200, 2_600)).following).toBe(false)
    expect(afterScroll(reading, place(300)).following).toBe(false)
  })

  it('is followed again once its end is reached', () => {
    expect(afterScroll(reading, place(1_500)).following).toBe(true)
  })
})

it('follows from the start', () => {
  expect(afterScroll(atStart, place(0)).following).toBe(true)
})

it('stops following where the listener is led to a place before the end', () => {
  expect(afterJump(place(700)).following).toBe(false)
  expect(afterJump(place(1_490)).following).toBe(true)
})
