import { wireCatchupWorker } from '../../wiring.ts'
import { createHandler } from '../catchup-worker.ts'

export const handler = createHandler(await wireCatchupWorker())
