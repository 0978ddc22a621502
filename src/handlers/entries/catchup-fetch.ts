import { wireCatchupFetch } from '../../wiring.ts'
import { createHandler } from '../catchup-fetch.ts'

export const handler = createHandler(await wireCatchupFetch())
