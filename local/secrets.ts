import { randomBytes } from 'node:crypto'
import { chmod } from 'node:fs/promises'
import * as z from 'zod'
import { openState, type State } from './stand-ins/state.ts'

const randomSecret = (): string => randomBytes(32).toString('base64url')

const secretsSchema = z.object({
  jwtSecret: z.string(),
  assemblyAiWebhookSecret: z.string(),
  /** The webhook endpoint at the Stripe stand-in: its secret is told at its creation only. */
  stripeWebhook: z.object({ endpointId: z.string(), secret: z.string() }).nullable(),
})

/** The secrets of this machine's copy. */
export type Secrets = z.infer<typeof secretsSchema>

/**
 * Opens the secrets of a state directory, made up at the first start and kept in a file that only its owner reads.
 *
 * @throws {Error} naming the file when it is damaged
 */
export async function openSecrets(file: string): Promise<State<Secrets>> {
  const secrets = await openState(file, secretsSchema, {
    jwtSecret: randomSecret(),
    assemblyAiWebhookSecret: randomSecret(),
    stripeWebhook: null,
  })
  const saveForOwnerOnly = async (): Promise<void> => {
    await secrets.save()
    await chmod(file, 0o600)
  }
  await saveForOwnerOnly()
  return { data: secrets.data, save: saveForOwnerOnly }
}
