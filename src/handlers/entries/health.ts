import { wireHealth } from '../../wiring/health.ts'
import { createHandler } from '../health.ts'

export const handler = createHandler(await wireHealth())
