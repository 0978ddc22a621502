import { wireLive } from '../../wiring.ts'
import { createHandler } from '../stream-start.ts'

export const handler = createHandler(await wireLive())
