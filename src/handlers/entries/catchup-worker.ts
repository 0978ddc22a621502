import { wireCatchupWorker } from '../../wiring/catchup-worker.ts'
import { createHandler } from '../catchup-worker.ts'

export const handler = createHandler(await wireCatchupWorker())
