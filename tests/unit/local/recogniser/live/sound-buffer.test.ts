import { expect, test } from 'vitest'
import { createSoundBuffer } from '../../../../../local/recogniser/live/sound-buffer.ts'

const counting = (from: number, to: number) =>
  Float32Array.from({ length: to - from }, (_, index) => from + index)

test('keeps what comes, and counts from the beginning of the stream when the beginning is gone', () => {
  const sound = createSoundBuffer()
  sound.append(counting(0, 10))
  sound.append(counting(10, 15))
  expect([sound.start, sound.end]).toEqual([0, 15])

  sound.dropBefore(8)
  sound.append(counting(15, 20))
  expect([sound.start, sound.end]).toEqual([8, 20])
  expect(sound.all()).toEqual(counting(8, 20))
  expect(sound.copy(12, 17)).toEqual(counting(12, 17))
})

test('copies only what it has', () => {
  const sound = createSoundBuffer()
  sound.append(counting(0, 10))
  sound.dropBefore(5)
  expect(sound.copy(0, 7)).toEqual(counting(5, 7))
  expect(sound.copy(8, 30)).toEqual(counting(8, 10))
  expect(sound.copy(0, 3)).toEqual(new Float32Array(0))
})

test('drops nothing for a position before its start, and all for one after its end', () => {
  const sound = createSoundBuffer()
  sound.append(counting(0, 10))
  sound.dropBefore(-100)
  expect([sound.start, sound.end]).toEqual([0, 10])
  sound.dropBefore(100)
  expect([sound.start, sound.end]).toEqual([10, 10])
})

test('a copy is its own', () => {
  const sound = createSoundBuffer()
  sound.append(counting(0, 4))
  sound.copy(0, 4).fill(0)
  expect(sound.all()).toEqual(counting(0, 4))
})
