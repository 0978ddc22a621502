import type { HttpDependencies } from '../http/endpoint.ts'
import { read } from './environment.ts'
import { wireHttp } from './http.ts'

export const wirePreflight = async (): Promise<HttpDependencies> => wireHttp(await read())
export const wirePackages = async () => ({ http: await wirePreflight() })

export const wireCheckoutPage = async () => {
  const config = await read()
  return { http: wireHttp(config), extensionId: config.base.EXTENSION_ID }
}
