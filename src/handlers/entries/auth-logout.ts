import { wireLogout } from '../../wiring.ts'
import { createHandler } from '../auth-logout.ts'

export const handler = createHandler(await wireLogout())
