import { wireAsk } from '../../wiring/ask.ts'
import { createHandler } from '../ask.ts'

export const handler = createHandler(await wireAsk())
