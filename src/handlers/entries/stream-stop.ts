import { wireLiveStop } from '../../wiring/live.ts'
import { createHandler } from '../stream-stop.ts'

export const handler = createHandler(await wireLiveStop())
