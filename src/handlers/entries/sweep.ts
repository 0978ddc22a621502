import { wireSweep } from '../../wiring/sweep.ts'
import { createHandler } from '../sweep.ts'

export const handler = createHandler(await wireSweep())
