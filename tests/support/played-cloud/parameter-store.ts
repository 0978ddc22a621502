import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import * as z from 'zod'
import type { PlayedAccount } from './account.ts'

const requestSchema = z.object({ Names: z.array(z.string()), WithDecryption: z.boolean() })

/** As long as KMS makes it. */
const ciphertext = 'AQICAH'.padEnd(256, 'A')

/** SSM's parameter store, as far as functions and operators read it: what the fake `aws` was given. */
export const startParameterStore = async (
  account: PlayedAccount,
): Promise<{ readonly url: string; close(): void }> => {
  const server = createServer(async (request, response) => {
    const { Names, WithDecryption } = requestSchema.parse(await json(request))
    const { secrets } = await account.read()
    const Parameters = Names.flatMap(Name => {
      const secret = secrets[Name]
      return secret ? [{ Name, Value: WithDecryption ? secret.value : ciphertext }] : []
    })
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end(JSON.stringify({ Parameters }))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => void server.close(),
  }
}
