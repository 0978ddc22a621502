// Loaded into serverless-offline's process before anything else. Lambda runs an asynchronous invocation again under
// the same request id, and the functions go by that; serverless-offline makes one up for each run. The AWS stand-in
// names it in the client context, which no function reads here.
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const entry = createRequire(import.meta.url).resolve('serverless-offline')
const file = join(dirname(entry), 'lambda', 'LambdaContext.js')
const { default: LambdaContext } = await import(pathToFileURL(file).href)

const { setClientContext } = LambdaContext.prototype
LambdaContext.prototype.setClientContext = function (clientContext) {
  const { localRequestId } = clientContext ?? {}
  if (localRequestId === undefined) return setClientContext.call(this, clientContext)
  this.setRequestId(localRequestId)
  return setClientContext.call(this, undefined)
}
