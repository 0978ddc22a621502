import { wireSessionRoutes } from '../../wiring.ts'
import { createHandler } from '../auth-logout.ts'

export const handler = createHandler(await wireSessionRoutes())
