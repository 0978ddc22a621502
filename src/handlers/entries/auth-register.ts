import { wireAccounts } from '../../wiring/accounts.ts'
import { createHandler } from '../auth-register.ts'

export const handler = createHandler(await wireAccounts())
