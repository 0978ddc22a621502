import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** One request that the server got. */
export interface Received {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What the server does with a request: answers, says nothing, closes the connection, or stops in the middle of the body. */
export type Reply =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: object | string }
  | 'hang'
  | 'drop'
  | 'stall'

export interface VendorServer {
  readonly url: string
  readonly received: Received[]
  /** What the next requests get, one after the other; the last reply stays. */
  replies: Reply[]
  close(): Promise<void>
}

const send = (response: ServerResponse, reply: Reply): void => {
  if (reply === 'hang') return
  if (reply === 'drop') {
    response.destroy()
    return
  }
  if (reply === 'stall') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' })
    response.write('{"id":')
    return
  }
  const { status = 200, headers = {}, body } = reply
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** A vendor on a free port of this machine, which does as it is told. */
export const startVendorServer = async (): Promise<VendorServer> => {
  const received: Received[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request
    const body = await buffer(request).catch(() => undefined)
    // The caller has hung up.
    if (body === undefined) return
    received.push({ method, url, headers, body })
    const [next, ...rest] = vendor.replies
    if (rest.length > 0) vendor.replies = rest
    send(response, next ?? { status: 500, body: { error: 'The test gave no reply.' } })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const vendor: VendorServer = {
    url: `http://127.0.0.1:${port}`,
    received,
    replies: [],
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return vendor
}

/** The JSON that a request carried. */
export const jsonOf = (request: Received | undefined): Record<string, unknown> =>
  JSON.parse(request?.body.toString('utf8') ?? '{}')
