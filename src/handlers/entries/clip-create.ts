import { wireClipCreate } from '../../wiring/clip-create.ts'
import { createHandler } from '../clip-create.ts'

export const handler = createHandler(await wireClipCreate())
