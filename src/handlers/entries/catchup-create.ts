import { wireCatchup } from '../../wiring.ts'
import { createHandler } from '../catchup-create.ts'

export const handler = createHandler(await wireCatchup())
