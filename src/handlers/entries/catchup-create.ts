import { wireCatchupCreate } from '../../wiring/catchup-create.ts'
import { createHandler } from '../catchup-create.ts'

export const handler = createHandler(await wireCatchupCreate())
