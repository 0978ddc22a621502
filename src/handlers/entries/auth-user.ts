import { wireAccountReader } from '../../wiring/signed-in.ts'
import { createHandler } from '../auth-user.ts'

export const handler = createHandler(await wireAccountReader())
