import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

/** One request that the server got. */
export interface RouteRequest {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

export type Route = (request: RouteRequest, response: ServerResponse) => void

export interface RouteServer {
  readonly url: string
  readonly received: RouteRequest[]
  /** By path; what has none is answered 404. */
  readonly routes: Record<string, Route>
  /** Requests that were answered at the same time, at most. */
  peak(): number
  /** The paths that were asked for. */
  paths(): string[]
  close(): Promise<void>
}

export const answer =
  (body: string | object | Uint8Array, status = 200, headers: Record<string, string> = {}): Route =>
  (_request, response) => {
    response.writeHead(status, headers)
    response.end(typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body))
  }

export const redirect = (location: string, status = 302): Route => answer('', status, { location })

/** One route after the other; the last one stays. */
export const inTurn = (...routes: Route[]): Route => {
  let count = 0
  return (request, response) => routes[Math.min(count++, routes.length - 1)]?.(request, response)
}

/** Says nothing. */
export const hang: Route = () => undefined

/** Sends the beginning of a body, and then no more. */
export const stall: Route = (_request, response) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('half')
}

export const drop: Route = (_request, response) => {
  response.destroy()
}

/** Sends the beginning of a body, and then closes the connection. */
export const cutOff: Route = (_request, response) => {
  response.writeHead(200, { 'content-length': '1000' })
  response.write('half', () => response.destroy())
}

/** A server on a free port of this machine, whose every path does as it is told. */
export const startRouteServer = async (): Promise<RouteServer> => {
  const received: RouteRequest[] = []
  const routes: Record<string, Route> = {}
  let open = 0
  let peak = 0
  const server = createServer(async (incoming, response) => {
    open += 1
    peak = Math.max(peak, open)
    response.once('close', () => {
      open -= 1
    })
    const { method = '', headers } = incoming
    const request = { method, headers, url: new URL(incoming.url ?? '', origin), body: await text(incoming) }
    received.push(request)
    const route = routes[request.url.pathname] ?? answer('', 404)
    route(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url: origin,
    received,
    routes,
    peak: () => peak,
    paths: () => received.map(({ url }) => url.pathname),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
