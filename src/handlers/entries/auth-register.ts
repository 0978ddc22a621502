import { wireAccounts } from '../../wiring.ts'
import { createHandler } from '../auth-register.ts'

export const handler = createHandler(await wireAccounts())
