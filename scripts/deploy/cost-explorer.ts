import * as z from 'zod'
import { AwsError, isDenied } from './aws-cli.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { isServing, type Stack } from './stacks.ts'
import { madeResources, type Template } from './template.ts'

/**
 * Looks, before a first deployment, whether AWS can be asked to find anomalies in the bill: it can't in an account in
 * which nobody has opened Cost Explorer yet, and the whole stack would fail with that.
 * @throws {DeployProblem} when it can't
 */
export const requireCostExplorer = async (
  { aws, say }: Session,
  template: Template,
  stack: Stack | undefined,
): Promise<void> => {
  const asksFor = Object.values(madeResources(template)).some(
    ({ Type }) => Type === 'AWS::CE::AnomalyMonitor',
  )
  // Each look costs a cent.
  if (!asksFor || isServing(stack)) return
  try {
    await aws.json(z.object({}), 'ce', 'get-anomaly-monitors', '--max-results', '1')
  } catch (error) {
    if (!(error instanceof AwsError) || !isDenied(error)) throw error
    if (/not enabled/i.test(error.message)) throw new DeployProblem(explain(error))
    say('  not checked: whether Cost Explorer is switched on.')
  }
}

const explain = (error: AwsError): string =>
  `AWS finds no anomalies in the bill of an account that has no Cost Explorer (${error.message.trim()}). Open it once ` +
  'in the console, Billing and Cost Management › Cost Explorer: AWS has it ready within a day, and nothing else ' +
  'switches it on. Or set COST_ANOMALIES=off for now. Nothing was changed.'
