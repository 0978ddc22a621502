import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { beforeAll, expect, it } from 'vitest'
import * as z from 'zod'
import { createInvoker } from '../../../../local/stand-ins/aws/lambda/invoker.ts'
import { answer, startRouteServer } from '../../../support/route-server.ts'

interface LambdaContext {
  setRequestId(id: string): void
  setClientContext(context: unknown): void
  create(): { awsRequestId: string; clientContext: unknown }
}
type LambdaContextClass = new (functionName: string, memorySize: number) => LambdaContext

let context: LambdaContext

beforeAll(async () => {
  await import('../../../../local/lambda-request-ids.ts')
  const entry = createRequire(import.meta.url).resolve('serverless-offline')
  const module: { default: LambdaContextClass } = await import(
    pathToFileURL(join(dirname(entry), 'lambda', 'LambdaContext.js')).href
  )
  context = new module.default('worker', 256)
})

/** As serverless-offline makes a context for each run. */
const contextOf = (clientContext: unknown) => {
  context.setRequestId('made-up')
  context.setClientContext(clientContext)
  const { awsRequestId, clientContext: told } = context.create()
  return { awsRequestId, clientContext: told }
}

it('serverless-offline’s functions run under the request id that the AWS stand-in sends', async () => {
  const functions = await startRouteServer()
  functions.routes['/2015-03-31/functions/worker/invocations'] = answer('{}')
  await createInvoker(functions.url)('worker', '{}', 'request-1')
  await functions.close()
  const header = z.string().parse(functions.received[0]?.headers['x-amz-client-context'])
  const sent: unknown = JSON.parse(Buffer.from(header, 'base64').toString())
  expect(contextOf(sent)).toEqual({ awsRequestId: 'request-1', clientContext: undefined })
})

it('whoever else invokes them has their own client context and a request id that is made up', () => {
  const own = { custom: { a: 1 } }
  expect(contextOf(own)).toEqual({ awsRequestId: 'made-up', clientContext: own })
  expect(contextOf(undefined)).toEqual({ awsRequestId: 'made-up', clientContext: undefined })
})
