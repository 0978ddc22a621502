import { wireCatchup } from '../../wiring.ts'
import { createHandler } from '../catchup-read.ts'

export const handler = createHandler(await wireCatchup())
