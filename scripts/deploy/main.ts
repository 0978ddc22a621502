// ./deploy.sh: puts a stage into service, and looks after it. docs/deploying.md has every step.

import Stripe from 'stripe'
import { type Arguments, type CommandName, readArguments } from './arguments.ts'
import { askInTerminal, askNobody } from './ask.ts'
import { AwsCli, AwsError, awsInTerminal, awsOnPath } from './aws-cli.ts'
import { deploy } from './commands/deploy.ts'
import { logs } from './commands/logs.ts'
import { remove } from './commands/remove.ts'
import { rollback } from './commands/rollback.ts'
import { status } from './commands/status.ts'
import { switchTables } from './commands/switch-tables.ts'
import { buildExtensionZip } from './extension-zip.ts'
import { packageService } from './package-stage.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { problemOfRegion, problemOfStage } from './stage.ts'

const pollMs = 3_000
const interruptedCode = 130

const commands: Record<CommandName, (session: Session, args: Arguments) => Promise<void>> = {
  deploy,
  rollback,
  remove,
  logs,
  status,
  'switch-tables': switchTables,
}

const openSession = (args: Arguments): Session => {
  // deploy.sh has gone to the project's directory.
  const projectDir = process.cwd()
  return {
    stage: args.stage,
    aws: new AwsCli(awsOnPath(process.env), args.region),
    say: text => console.log(text),
    show: awsInTerminal(process.env),
    ask: process.stdin.isTTY && process.stdout.isTTY ? askInTerminal : askNobody,
    projectDir,
    stripeApiUrl: process.env.STRIPE_API_URL || undefined,
    version: process.env.VERSION || undefined,
    nowMs: Date.now,
    pollMs,
    packageStage: order => packageService(projectDir, process.env, order),
    buildExtension: (stage, apiUrl) => buildExtensionZip(projectDir, stage, apiUrl),
  }
}

const run = async (): Promise<void> => {
  const args = readArguments(process.argv.slice(2), process.env)
  const problem = problemOfStage(args.stage) ?? problemOfRegion(args.region)
  if (problem !== undefined) throw new DeployProblem(problem)
  await commands[args.command](openSession(args), args)
}

const explain = (error: unknown): string | undefined => {
  if (error instanceof DeployProblem) return error.message
  if (error instanceof AwsError)
    return `${error.message}\nMend that and run the same command again: it goes on where this ended.`
  if (error instanceof Stripe.errors.StripeError) {
    return `Stripe: ${error.message}\nRun the same command again: it goes on where this ended.`
  }
  // A question that was answered with Ctrl-C.
  if (error instanceof Error && error.name === 'ExitPromptError') return 'Broken off.'
  return undefined
}

process.on('SIGINT', () => {
  console.error(
    '\nBroken off. What CloudFormation has begun it finishes by itself; run the same command again afterwards.',
  )
  process.exit(interruptedCode)
})

try {
  await run()
} catch (error) {
  const text = explain(error)
  if (text === undefined) throw error
  console.error(`\n${text}`)
  process.exitCode = 1
}
