import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import * as z from 'zod'
import { apiEvent } from '../../unit/support/api-event.ts'
import type { FakeStack } from '../fake-aws/state.ts'

export interface PlayedGateway {
  /** Without a slash at its end. */
  readonly url: string
  close(): Promise<void>
}

export interface PlayedGatewayOptions {
  stack(): Promise<FakeStack | undefined>
  /** @param functionId its logical id in the stack */
  invoke(functionId: string, event: object): Promise<unknown>
}

const methodSchema = z.enum(['GET', 'POST', 'OPTIONS'])
const answerSchema = z.object({
  statusCode: z.int(),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({}),
  body: z.string().default(''),
})

/** API Gateway: takes requests by the routes that the stack has, and hands them to their functions. */
export const startGateway = async (options: PlayedGatewayOptions): Promise<PlayedGateway> => {
  const server = createServer((request, response) => {
    serve(options, request, response).catch((error: unknown) => {
      response.writeHead(500).end(JSON.stringify({ message: String(error) }))
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const serve = async (
  { stack, invoke }: PlayedGatewayOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://gateway')
  const method = methodSchema.parse(request.method)
  const found = findRoute(await stack(), method, pathname)
  if (found === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}')
    return
  }
  const body = await text(request)
  const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)] as const)
  const event = apiEvent({
    method,
    headers: Object.fromEntries(headers),
    ...(body === '' ? {} : { body }),
    ...(searchParams.size === 0 ? {} : { query: Object.fromEntries(searchParams) }),
    path: found.parameters,
  })
  const answer = answerSchema.parse(await invoke(found.functionId, event))
  response.writeHead(answer.statusCode, answer.headers).end(answer.body)
}

const routeSchema = z.object({
  Properties: z.object({
    RouteKey: z.string(),
    Target: z.object({
      'Fn::Join': z.tuple([
        z.literal('/'),
        z.tuple([z.literal('integrations'), z.object({ Ref: z.string() })]),
      ]),
    }),
  }),
})
const integrationSchema = z.object({
  Properties: z.object({
    IntegrationUri: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  }),
})

interface FoundRoute {
  readonly functionId: string
  readonly parameters: Record<string, string>
}

const findRoute = (stack: FakeStack | undefined, method: string, path: string): FoundRoute | undefined => {
  for (const { type, definition } of Object.values(stack?.resources ?? {})) {
    if (type !== 'AWS::ApiGatewayV2::Route') continue
    const { RouteKey: key, Target: target } = routeSchema.parse(JSON.parse(definition)).Properties
    const match = patternOf(key).exec(`${method} ${path}`)
    if (match === null) continue
    const integration = stack?.resources[target['Fn::Join'][1][1].Ref]?.definition ?? ''
    const { IntegrationUri: uri } = integrationSchema.parse(JSON.parse(integration)).Properties
    return { functionId: uri['Fn::GetAtt'][0], parameters: { ...match.groups } }
  }
  return undefined
}

/** `GET /clip/{id}` has one part of a path in its place, `{proxy+}` all that follows. */
const patternOf = (routeKey: string): RegExp =>
  new RegExp(
    `^${routeKey.replace(/\{(\w+)(\+?)\}/g, (_all, name, greedy) => `(?<${name}>${greedy ? '.+' : '[^/]+'})`)}$`,
  )
