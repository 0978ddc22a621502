import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { findParameters, readParameters } from '../../../../src/upstream/ssm/parameters.ts'
import { jsonOf, startVendorServer, type VendorServer } from '../../support/vendor-server.ts'

const namesSchema = z.object({ Names: z.array(z.string()) })
const path = '/live-transcription/test'

let vendor: VendorServer

beforeAll(async () => {
  vendor = await startVendorServer()
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
  vi.stubEnv('AWS_ENDPOINT_URL_SSM', vendor.url)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await vendor.close()
})

beforeEach(() => {
  vendor.received.length = 0
})

const answering = (values: Record<string, string>) => ({
  headers: { 'content-type': 'application/x-amz-json-1.1' },
  body: {
    Parameters: Object.entries(values).map(([name, Value]) => ({ Name: `${path}/${name}`, Value })),
    InvalidParameters: [],
  },
})

test('secrets are read decrypted, by their names without the path', async () => {
  vendor.replies = [answering({ JWT_SECRET: 'a', OPENAI_API_KEY: 'b' })]
  expect(await readParameters('us-east-1', path, ['JWT_SECRET', 'OPENAI_API_KEY'])).toEqual({
    JWT_SECRET: 'a',
    OPENAI_API_KEY: 'b',
  })
  expect(vendor.received[0]?.headers['x-amz-target']).toBe('AmazonSSM.GetParameters')
  expect(jsonOf(vendor.received[0])).toEqual({
    Names: [`${path}/JWT_SECRET`, `${path}/OPENAI_API_KEY`],
    WithDecryption: true,
  })
})

test('secrets that are not there are left out', async () => {
  vendor.replies = [answering({ JWT_SECRET: 'a' })]
  expect(await readParameters('us-east-1', path, ['JWT_SECRET', 'JWT_SECRET_PREVIOUS'])).toEqual({
    JWT_SECRET: 'a',
  })
})

test('no name asks nothing', async () => {
  expect(await readParameters('us-east-1', path, [])).toEqual({})
  expect(vendor.received).toEqual([])
})

test('more than ten are asked for ten at a time', async () => {
  const names = Array.from({ length: 23 }, (_, index) => `SECRET_${index}`)
  vendor.replies = [
    answering({ SECRET_0: 'a' }),
    answering({ SECRET_10: 'b' }),
    answering({ SECRET_22: 'c' }),
  ]
  expect(await readParameters('us-east-1', path, names)).toEqual({
    SECRET_0: 'a',
    SECRET_10: 'b',
    SECRET_22: 'c',
  })
  expect(vendor.received.map(request => namesSchema.parse(jsonOf(request)).Names.length)).toEqual([10, 10, 3])
})

test('whether secrets are there is found without decrypting them', async () => {
  vendor.replies = [answering({ JWT_SECRET: 'ciphertext' })]
  expect(Object.keys(await findParameters('us-east-1', path, ['JWT_SECRET']))).toEqual(['JWT_SECRET'])
  expect(jsonOf(vendor.received[0])).toMatchObject({ WithDecryption: false })
})

test('a refusal is an error of its own', async () => {
  vendor.replies = [
    {
      status: 400,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: { __type: 'AccessDeniedException', message: 'Not yours.' },
    },
  ]
  await expect(readParameters('us-east-1', path, ['JWT_SECRET'])).rejects.toMatchObject({
    name: 'AccessDeniedException',
  })
})
