import type { Config } from '../config.ts'
import type { HttpDependencies } from '../http/endpoint.ts'
import { nodeSecrets } from '../security/secrets.ts'
import { now } from './clock.ts'
import { wireLog } from './log.ts'

export const answerTo = (extensionId: string, log: HttpDependencies['log']): HttpDependencies => ({
  allowedOrigin: `chrome-extension://${extensionId}`,
  log,
  newErrorId: () => nodeSecrets.uuid(now()),
})

export const wireHttp = (config: Config<'base'>): HttpDependencies =>
  answerTo(config.base.EXTENSION_ID, wireLog(config))
