import { wireAccounts } from '../../wiring.ts'
import { createHandler } from '../auth-login.ts'

export const handler = createHandler(await wireAccounts())
