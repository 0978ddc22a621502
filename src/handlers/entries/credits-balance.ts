import { wireAccountReader } from '../../wiring/signed-in.ts'
import { createHandler } from '../credits-balance.ts'

export const handler = createHandler(await wireAccountReader())
