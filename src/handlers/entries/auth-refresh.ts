import { wireSessionRoutes } from '../../wiring/sessions.ts'
import { createHandler } from '../auth-refresh.ts'

export const handler = createHandler(await wireSessionRoutes())
