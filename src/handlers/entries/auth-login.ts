import { wireAccounts } from '../../wiring/accounts.ts'
import { createHandler } from '../auth-login.ts'

export const handler = createHandler(await wireAccounts())
