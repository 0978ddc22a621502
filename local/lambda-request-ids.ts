// Loaded into serverless-offline's process before anything else. Lambda runs an asynchronous invocation again under
// the same request id, and the functions go by that; serverless-offline makes one up for each run. The AWS stand-in
// names it in the client context, which no function reads here.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** Of a function: serverless-offline tells it a run's request id, and then the client context. */
interface LambdaContext {
  setRequestId(requestId: string): void
  setClientContext(clientContext: unknown): void
}

const entry = createRequire(import.meta.url).resolve('serverless-offline')
const file = join(dirname(entry), 'lambda', 'LambdaContext.js')
const module: { default: { prototype: LambdaContext } } = await import(pathToFileURL(file).href)

const { prototype } = module.default
const { setClientContext } = prototype
prototype.setClientContext = function (this: LambdaContext, clientContext) {
  const requestId = requestIdIn(clientContext)
  if (requestId !== undefined) this.setRequestId(requestId)
  setClientContext.call(this, requestId === undefined ? clientContext : undefined)
}

function requestIdIn(clientContext: unknown): string | undefined {
  if (typeof clientContext !== 'object' || clientContext === null) return undefined
  if (!('localRequestId' in clientContext)) return undefined
  const { localRequestId } = clientContext
  return typeof localRequestId === 'string' ? localRequestId : undefined
}
