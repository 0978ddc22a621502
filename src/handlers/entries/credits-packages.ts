import { wirePackages } from '../../wiring/pages.ts'
import { createHandler } from '../credits-packages.ts'

export const handler = createHandler(await wirePackages())
