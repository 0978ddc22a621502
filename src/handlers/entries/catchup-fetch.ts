import { wireCatchupFetch } from '../../wiring/catchup-fetch.ts'
import { createHandler } from '../catchup-fetch.ts'

export const handler = createHandler(await wireCatchupFetch())
