import { fastify } from 'fastify'
import { afterAll, expect, it } from 'vitest'
import { listen } from '../../../../local/listen/plugin.ts'
import { createRecogniser } from '../../../../local/recogniser/recogniser.ts'
import { AUSTEN_0870, AUSTEN_0880, fixturePath } from '../../../support/speech.ts'
import { wordErrorRate } from '../../../support/word-error-rate.ts'

const app = fastify()
await app.register(listen, { fixturesDir: fixturePath('') })
afterAll(() => app.close())

const samplesOf = (wav: Buffer): Float32Array =>
  Float32Array.from({ length: (wav.length - 44) / 2 }, (_, index) => wav.readInt16LE(44 + index * 2) / 32_768)

it('plays both recordings, whole, with a pause after each', async () => {
  const wav = (await app.inject('/listen/speech.wav')).rawPayload
  const samples = samplesOf(wav)
  expect(samples.length / 16_000).toBeCloseTo(7.1 + 0.8 + 2.99 + 0.8, 0)
  const recogniser = await createRecogniser()
  const { text } = await recogniser.transcribe(samples)
  await recogniser.close()
  expect(wordErrorRate(`${AUSTEN_0870} ${AUSTEN_0880}`, text)).toBeLessThanOrEqual(0.1)
})

it('has a page that plays it over and over', async () => {
  const { body, headers } = await app.inject('/listen')
  expect(headers['content-type']).toBe('text/html; charset=utf-8')
  expect(body).toContain('<audio controls loop preload="auto" src="/listen/speech.wav">')
})
