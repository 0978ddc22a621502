import { createChangeSet, executeChangeSet } from './change-sets.ts'
import type { Account, Ready } from './checks.ts'
import { readSecrets, secretsVersionOf, writeSecret } from './secrets.ts'
import type { Session } from './session.ts'
import { apiUrlOf, type Stack } from './stacks.ts'
import { deleteEndpoints, ensureEndpoint, stripeClient, webhookPath } from './stripe-endpoint.ts'

/** Sees to Stripe's webhook endpoint and its secret, and starts the functions anew where they know another. */
export const connectStripe = async (
  session: Session,
  ready: Ready,
  account: Account,
  stack: Stack,
): Promise<void> => {
  const { aws, stage, say } = session
  const { stripeKey, settings } = ready
  const kept = await readSecrets(aws, stage)
  if (stripeKey === undefined || settings.secrets.STRIPE_WEBHOOK_SECRET !== undefined) {
    await restartForSecrets(session, stack)
    return
  }
  const stripe = stripeClient(stripeKey, session.stripeApiUrl)
  const { done, stale } = await ensureEndpoint(stripe, {
    stage,
    region: aws.region,
    account: account.id,
    url: `${apiUrlOf(stack)}${webhookPath}`,
    secret: kept.get('STRIPE_WEBHOOK_SECRET')?.value,
    keep: secret => writeSecret(aws, stage, 'STRIPE_WEBHOOK_SECRET', secret),
  })
  if (done !== 'nothing') say(`Stripe's webhook endpoint: ${done}.`)
  await restartForSecrets(session, stack)
  await deleteEndpoints(stripe, stale)
}

/** A function reads its secrets when it starts, and starts anew when its environment changes. */
const restartForSecrets = async (session: Session, stack: Stack): Promise<void> => {
  const version = secretsVersionOf(await readSecrets(session.aws, session.stage))
  if (stack.parameters.SecretsVersion === version) return
  session.say('Starting the functions anew, with the secrets as they are now …')
  const changeSet = await createChangeSet(session, {
    stackName: stack.name,
    type: 'UPDATE',
    templateUrl: undefined,
    secretsVersion: version,
  })
  if (changeSet !== undefined) await executeChangeSet(session, changeSet)
}
