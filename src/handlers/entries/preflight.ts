import { wirePreflight } from '../../wiring.ts'
import { createHandler } from '../preflight.ts'

export const handler = createHandler(await wirePreflight())
