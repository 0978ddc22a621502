import { wireAccountReader } from '../../wiring.ts'
import { createHandler } from '../auth-user.ts'

export const handler = createHandler(await wireAccountReader())
