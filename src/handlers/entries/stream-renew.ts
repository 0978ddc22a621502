import { wireLive } from '../../wiring.ts'
import { createHandler } from '../stream-renew.ts'

export const handler = createHandler(await wireLive())
