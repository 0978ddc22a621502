import { wireClipRead } from '../../wiring.ts'
import { createHandler } from '../clip-read.ts'

export const handler = createHandler(await wireClipRead())
