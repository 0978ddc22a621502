import { wireCatchup } from '../../wiring/catchup.ts'
import { createHandler } from '../catchup-create.ts'

export const handler = createHandler(await wireCatchup())
