import { wireLiveStop } from '../../wiring.ts'
import { createHandler } from '../stream-stop.ts'

export const handler = createHandler(await wireLiveStop())
