import { wireClipRead } from '../../wiring/clips.ts'
import { createHandler } from '../clip-read.ts'

export const handler = createHandler(await wireClipRead())
