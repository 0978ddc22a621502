import type { HttpDependencies } from '../http/endpoint.ts'
import { read } from './environment.ts'
import { wireHttp } from './http.ts'

export const wirePreflight = async (): Promise<HttpDependencies> => wireHttp((await read()).base.EXTENSION_ID)
export const wirePackages = async () => ({ http: await wirePreflight() })

export const wireCheckoutPage = async () => {
  const { EXTENSION_ID: extensionId } = (await read()).base
  return { http: wireHttp(extensionId), extensionId }
}
