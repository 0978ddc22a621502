import { wireAccountReader } from '../../wiring.ts'
import { createHandler } from '../credits-balance.ts'

export const handler = createHandler(await wireAccountReader())
