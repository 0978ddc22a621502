import { consoleLog } from '../http/console-log.ts'
import type { HttpDependencies } from '../http/endpoint.ts'
import { nodeSecrets } from '../security/secrets.ts'
import { now } from './environment.ts'

export const wireHttp = (extensionId: string): HttpDependencies => ({
  allowedOrigin: `chrome-extension://${extensionId}`,
  log: consoleLog,
  newErrorId: () => nodeSecrets.uuid(now()),
})
