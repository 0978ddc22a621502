import { wireUsage } from '../../wiring.ts'
import { createHandler } from '../usage.ts'

export const handler = createHandler(await wireUsage())
