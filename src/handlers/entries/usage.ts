import { wireUsage } from '../../wiring/history.ts'
import { createHandler } from '../usage.ts'

export const handler = createHandler(await wireUsage())
