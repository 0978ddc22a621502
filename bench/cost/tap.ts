import { createServer, request as httpRequest, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

/** One request that went through a tap, and its answer. */
export interface Exchange {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly request: Buffer
  readonly answer: Buffer
}

export interface Tap {
  readonly url: string
  /** What went through since the last time. */
  take(): Exchange[]
  close(): Promise<void>
}

export interface TapOptions {
  /** Changes a body before it is passed on. */
  readonly rewrite?: (body: Buffer) => Buffer
  /** Changes an answer's body before it is handed back. */
  readonly restore?: (body: Buffer) => Buffer
}

const same = (body: Buffer): Buffer => body
/** What is about one connection only, and what a changed body makes wrong. */
const dropped = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'x-amz-crc32'])

const kept = (headers: IncomingMessage['headers']) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !dropped.has(name)))

interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

const forward = (target: URL, incoming: IncomingMessage, body: Buffer): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const onward = httpRequest(
      {
        host: target.hostname,
        port: target.port,
        method: incoming.method,
        path: incoming.url,
        headers: { ...kept(incoming.headers), 'content-length': body.length },
      },
      answer => {
        const { statusCode: status = 500, headers } = answer
        buffer(answer).then(content => resolve({ status, headers, body: content }), reject)
      },
    )
    onward.once('error', reject)
    onward.end(body)
  })

/** Listens between a function and what it calls, on the loopback interface, and keeps what is said. */
export const startTap = async (
  target: string,
  { rewrite = same, restore = same }: TapOptions = {},
): Promise<Tap> => {
  let exchanges: Exchange[] = []
  const server = createServer(async (incoming, response) => {
    try {
      const request = await buffer(incoming)
      const { status, headers, body } = await forward(new URL(target), incoming, rewrite(request))
      const { method = '', url: path = '/' } = incoming
      exchanges.push({ method, path, headers: incoming.headers, request, answer: body })
      const restored = restore(body)
      response.writeHead(status, { ...kept(headers), 'content-length': restored.length })
      response.end(restored)
    } catch {
      incoming.socket.destroy()
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    take: () => {
      const taken = exchanges
      exchanges = []
      return taken
    },
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
