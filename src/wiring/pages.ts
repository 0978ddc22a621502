import { readConfig } from '../config.ts'
import type { HttpDependencies } from '../http/endpoint.ts'
import { wireHttp } from './http.ts'

/** Without secrets, and so without an SDK to read them with. */
const readBase = () => readConfig(['base'], () => Promise.resolve({}))

export const wirePreflight = async (): Promise<HttpDependencies> => wireHttp(await readBase())
export const wirePackages = async () => ({ http: await wirePreflight() })

export const wireCheckoutPage = async () => {
  const config = await readBase()
  return { http: wireHttp(config), extensionId: config.base.EXTENSION_ID }
}
