// ./deploy.sh: puts a stage into service, and looks after it. docs/deploying.md has every step.
import type { Arguments } from './arguments.ts'
import { askInTerminal, askNobody } from './ask.ts'
import { AwsCli, awsInTerminal, awsOnPath } from './aws-cli.ts'
import { buildExtensionZip } from './extension-zip.ts'
import { packageService } from './package-stage.ts'
import { runCommand } from './run-command.ts'
import type { Session } from './session.ts'

const pollMs = 3_000
const interruptedCode = 130

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

process.on('SIGINT', () => {
  console.error(
    '\nBroken off. What CloudFormation has begun it finishes by itself; run the same command again afterwards.',
  )
  process.exit(interruptedCode)
})

const failure = await runCommand(process.argv.slice(2), process.env, openSession)
if (failure !== undefined) {
  console.error(`\n${failure}`)
  process.exitCode = 1
}
