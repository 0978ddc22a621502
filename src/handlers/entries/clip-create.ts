import { wireClipCreate } from '../../wiring/clips.ts'
import { createHandler } from '../clip-create.ts'

export const handler = createHandler(await wireClipCreate())
