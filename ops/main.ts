// `npm run ops -- <command>`: looks after a stage that runs. docs/operating.md has every command.
import { Command, CommanderError } from 'commander'
import { describeFailure } from './command.ts'
import { registerCosts } from './commands/costs.ts'
import { registerRedrive } from './commands/redrive.ts'
import { registerRestore } from './commands/restore.ts'
import { registerStatus } from './commands/status.ts'

const program = new Command('npm run ops --')
  .description('Looks after a stage that runs: npm start on this machine, or what ./deploy.sh has deployed.')
  .exitOverride()
  .configureHelp({ sortSubcommands: true })

for (const register of [registerCosts, registerRedrive, registerRestore, registerStatus]) register(program)

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else {
    const { text, exitCode } = describeFailure(error)
    console.error(text)
    process.exitCode = exitCode
  }
}
