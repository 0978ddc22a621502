import { wireSessionRoutes } from '../../wiring.ts'
import { createHandler } from '../auth-refresh.ts'

export const handler = createHandler(await wireSessionRoutes())
