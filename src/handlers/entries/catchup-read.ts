import { wireCatchupRead } from '../../wiring/catchup.ts'
import { createHandler } from '../catchup-read.ts'

export const handler = createHandler(await wireCatchupRead())
