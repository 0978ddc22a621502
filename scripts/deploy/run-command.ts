import Stripe from 'stripe'
import { type Arguments, type CommandName, readArguments } from './arguments.ts'
import { AwsError } from './aws-cli.ts'
import { deploy } from './commands/deploy.ts'
import { logs } from './commands/logs.ts'
import { remove } from './commands/remove.ts'
import { rollback } from './commands/rollback.ts'
import { status } from './commands/status.ts'
import { switchTables } from './commands/switch-tables.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { problemOfRegion, problemOfStage } from './stage.ts'

const commands: Record<CommandName, (session: Session, args: Arguments) => Promise<void>> = {
  deploy,
  rollback,
  remove,
  logs,
  status,
  'switch-tables': switchTables,
}

/**
 * Runs what follows `./deploy.sh`.
 * @returns why it ended early and how to go on; undefined when all is done
 */
export const runCommand = async (
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  open: (args: Arguments) => Session,
): Promise<string | undefined> => {
  try {
    const args = readArguments(argv, environment)
    const problem = problemOfStage(args.stage) ?? problemOfRegion(args.region)
    if (problem !== undefined) return problem
    await commands[args.command](open(args), args)
    return undefined
  } catch (error) {
    const text = explain(error)
    if (text === undefined) throw error
    return text
  }
}

const goOn = 'Mend that and run the same command again: it goes on where this ended.'

const explain = (error: unknown): string | undefined => {
  if (error instanceof DeployProblem) return error.message
  if (error instanceof AwsError) return `${error.message}\n${goOn}`
  if (error instanceof Stripe.errors.StripeError) return `Stripe: ${error.message}\n${goOn}`
  // A question that was answered with Ctrl-C.
  if (error instanceof Error && error.name === 'ExitPromptError') return 'Broken off.'
  return undefined
}
