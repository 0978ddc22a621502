import { wireCatchup } from '../../wiring/catchup.ts'
import { createHandler } from '../catchup-read.ts'

export const handler = createHandler(await wireCatchup())
