import { wireHealth } from '../../wiring.ts'
import { createHandler } from '../health.ts'

export const handler = createHandler(await wireHealth())
