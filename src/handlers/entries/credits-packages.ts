import { wirePackages } from '../../wiring.ts'
import { createHandler } from '../credits-packages.ts'

export const handler = createHandler(await wirePackages())
