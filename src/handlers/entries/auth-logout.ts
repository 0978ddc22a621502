import { wireSessionRoutes } from '../../wiring/sessions.ts'
import { createHandler } from '../auth-logout.ts'

export const handler = createHandler(await wireSessionRoutes())
