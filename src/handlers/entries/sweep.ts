import { wireSweep } from '../../wiring.ts'
import { createHandler } from '../sweep.ts'

export const handler = createHandler(await wireSweep())
