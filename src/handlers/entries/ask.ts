import { wireAsk } from '../../wiring.ts'
import { createHandler } from '../ask.ts'

export const handler = createHandler(await wireAsk())
