import { wireClipCreate } from '../../wiring.ts'
import { createHandler } from '../clip-create.ts'

export const handler = createHandler(await wireClipCreate())
