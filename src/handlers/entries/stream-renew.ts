import { wireLive } from '../../wiring/live.ts'
import { createHandler } from '../stream-renew.ts'

export const handler = createHandler(await wireLive())
