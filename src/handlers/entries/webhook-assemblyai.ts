import { wireAssemblyAiWebhook } from '../../wiring.ts'
import { createHandler } from '../webhook-assemblyai.ts'

export const handler = createHandler(await wireAssemblyAiWebhook())
