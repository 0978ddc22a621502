import { wireRegister } from '../../wiring.ts'
import { createHandler } from '../auth-register.ts'

export const handler = createHandler(await wireRegister())
