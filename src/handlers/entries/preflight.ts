import { wirePreflight } from '../../wiring/pages.ts'
import { createHandler } from '../preflight.ts'

export const handler = createHandler(await wirePreflight())
