import { offersChannels, readConfig, type SectionName } from '../config.ts'
import type { HttpDependencies } from '../http/endpoint.ts'
import { wireHttp } from './http.ts'

/** Without secrets, and so without an SDK to read them with. */
const read = <Name extends SectionName>(...names: readonly Name[]) =>
  readConfig(names, () => Promise.resolve({}))

export const wirePreflight = async (): Promise<HttpDependencies> => wireHttp(await read('base'))

export const wirePackages = async () => {
  const config = await read('base', 'channels')
  return { http: wireHttp(config), offersChannels: offersChannels(config.channels) }
}

export const wireCheckoutPage = async () => {
  const config = await read('base')
  return { http: wireHttp(config), extensionId: config.base.EXTENSION_ID }
}
