import { join } from 'node:path'
import Stripe from 'stripe'
import * as z from 'zod'
import type { Arguments } from './arguments.ts'
import { AwsError, isDenied } from './aws-cli.ts'
import { type EnvFile, readEnvFile } from './env-file.ts'
import { DeployProblem } from './problem.ts'
import { type KeptSecrets, readSecrets } from './secrets.ts'
import type { Session } from './session.ts'
import { checkSettings, neededSecrets, type Settings, splitSettings } from './settings.ts'
import { problemOfStack, readStack, type Stack } from './stacks.ts'
import { namesOf } from './stage.ts'
import { endpointsOf, stripeClient } from './stripe-endpoint.ts'
import { versionOf } from './version.ts'

/** What the checks have found out. */
export interface Ready {
  /** Undefined in a dry run that AWS doesn't let in. */
  readonly account: Account | undefined
  readonly settings: Settings
  readonly stripeKey: string | undefined
  readonly warnings: readonly string[]
  /** What a dry run could not look at. */
  readonly unchecked: readonly string[]
}

/** What AWS has of the stage. */
export interface Account {
  readonly id: string
  readonly caller: string
  readonly stack: Stack | undefined
  readonly kept: KeptSecrets
}

class Findings {
  readonly problems: string[] = []
  readonly warnings: string[] = []
  readonly unchecked: string[] = []
  readonly #isDryRun: boolean

  constructor(isDryRun: boolean) {
    this.#isDryRun = isDryRun
  }

  /** What stands in the way of a deployment; a dry run goes on without. */
  missing(text: string): void {
    if (this.#isDryRun) this.unchecked.push(text)
    else this.problems.push(text)
  }
}

/**
 * Looks at everything that a deployment needs before it changes anything.
 * @throws {DeployProblem} with all that is wrong, at once
 */
export const check = async (session: Session, args: Arguments): Promise<Ready> => {
  const findings = new Findings(args.dryRun)
  const file = await checkEnvFile(session, findings)
  const account = await checkAws(session, findings)
  const variables = file?.variables ?? {}
  const settings = splitSettings(variables, await versionOf(session, variables.VERSION))
  if (file !== undefined) {
    const { problems, warnings } = await checkSettings({
      stage: session.stage,
      region: session.aws.region,
      variables,
      kept: account && new Set(account.kept.keys()),
      projectDir: session.projectDir,
    })
    findings.problems.push(...problems)
    findings.warnings.push(...warnings)
    const absent = neededSecrets(variables).filter(name => variables[name] === undefined)
    if (account === undefined && absent.length > 0) {
      findings.missing(`SSM must have ${absent.join(', ')}, or ${namesOf(session.stage).envFile} does.`)
    }
  }
  const stripeKey = variables.STRIPE_SECRET_KEY ?? account?.kept.get('STRIPE_SECRET_KEY')?.value
  await checkStripe(session, stripeKey, account?.id, findings)
  if (findings.problems.length > 0) {
    const lines = [
      ...findings.problems.map(problem => `  - ${problem}`),
      ...findings.unchecked.map(text => `  not checked: ${text}`),
    ]
    throw new DeployProblem(`Nothing was changed, for this is wrong:\n${lines.join('\n')}`)
  }
  return { account, settings, stripeKey, warnings: findings.warnings, unchecked: findings.unchecked }
}

const checkEnvFile = async (
  { projectDir, stage }: Session,
  findings: Findings,
): Promise<EnvFile | undefined> => {
  const { envFile } = namesOf(stage)
  const file = await readEnvFile(join(projectDir, envFile), envFile)
  if (file === undefined) {
    findings.problems.push(
      `${envFile} is missing: cp .env.example ${envFile} && chmod 600 ${envFile}, then fill it in.`,
    )
    return undefined
  }
  const hasSecrets = Object.keys(splitSettings(file.variables, '').secrets).length > 0
  if (file.isOpen && hasSecrets) {
    findings.problems.push(`${envFile} holds secrets and others can read it: chmod 600 ${envFile}`)
  }
  return file
}

const identitySchema = z.object({ Account: z.string(), Arn: z.string() })

const checkAws = async (session: Session, findings: Findings): Promise<Account | undefined> => {
  const { aws, stage } = session
  if (!(await hasAwsCli(session, findings))) return undefined
  try {
    const { Account: id, Arn: caller } = await aws.json(identitySchema, 'sts', 'get-caller-identity')
    const names = namesOf(stage)
    const stack = await readStack(aws, names.stack)
    const artifacts = await readStack(aws, names.artifactsStack)
    for (const one of [stack, artifacts]) {
      const problem = problemOfStack(one, aws.region)
      if (problem !== undefined) findings.problems.push(problem)
    }
    return { id, caller, stack, kept: await readSecrets(aws, stage) }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error
    findings.missing(explainAws(error, aws.region))
    return undefined
  }
}

const hasAwsCli = async ({ aws }: Session, findings: Findings): Promise<boolean> => {
  const version = await aws.version()
  if (version?.startsWith('2.')) return true
  const state = version === undefined ? 'was not found' : `${version} is too old`
  findings.missing(
    `The AWS command line ${state}: version 2 is needed, from https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html`,
  )
  return false
}

const explainAws = (error: AwsError, region: string): string => {
  if (isDenied(error)) return `${error.message} docs/deploying.md lists the rights that are needed.`
  if (/Could not connect|endpoint URL/i.test(error.message)) {
    return `AWS can't be reached in ${region}: check the network, and that this is the region's name.`
  }
  if (/credentials|ExpiredToken|InvalidClientTokenId|SSO|token/i.test(error.message)) {
    return `AWS does not know who you are. Sign in (aws configure, or aws sso login), and check with: aws sts get-caller-identity. It said: ${error.message}`
  }
  return error.message
}

/** A stage is in one account and region: Stripe's endpoint has noted which. */
const problemOfPlace = (
  { stage, aws }: Session,
  account: string | undefined,
  { metadata }: Stripe.WebhookEndpoint,
): string | undefined => {
  const { region, account: otherAccount } = metadata
  if (otherAccount !== undefined && account !== undefined && otherAccount !== account) {
    return `${stage} is in the AWS account ${otherAccount}, and you are signed in to ${account}: sign in to the other (AWS_PROFILE).`
  }
  if (region === undefined || region === aws.region) return undefined
  return `${stage} is in ${region} already. Deploy with --region ${region}; to move, remove it there first.`
}

const checkStripe = async (
  session: Session,
  key: string | undefined,
  account: string | undefined,
  findings: Findings,
): Promise<void> => {
  if (key === undefined) return
  try {
    const endpoints = await endpointsOf(stripeClient(key, session.stripeApiUrl), session.stage)
    findings.problems.push(...endpoints.flatMap(endpoint => problemOfPlace(session, account, endpoint) ?? []))
  } catch (error) {
    if (!(error instanceof Stripe.errors.StripeError)) throw error
    if (error instanceof Stripe.errors.StripeConnectionError) {
      findings.missing("Stripe can't be reached: check the network.")
    } else if (error instanceof Stripe.errors.StripeAuthenticationError) {
      findings.problems.push(
        'Stripe refuses STRIPE_SECRET_KEY: copy it anew from https://dashboard.stripe.com/apikeys',
      )
    } else {
      findings.problems.push(
        `Stripe refuses to tell its webhook endpoints (${error.message}). A restricted key needs to write webhook endpoints.`,
      )
    }
  }
}
