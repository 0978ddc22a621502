import { wireLive } from '../../wiring/live.ts'
import { createHandler } from '../stream-start.ts'

export const handler = createHandler(await wireLive())
