import { wireAssemblyAiWebhook } from '../../wiring/assemblyai-webhook.ts'
import { createHandler } from '../webhook-assemblyai.ts'

export const handler = createHandler(await wireAssemblyAiWebhook())
