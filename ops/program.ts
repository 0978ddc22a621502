import { Command } from 'commander'
import { registerAdjust } from './commands/adjust.ts'
import { registerCosts } from './commands/costs.ts'
import { registerErase } from './commands/erase.ts'
import { registerExport } from './commands/export.ts'
import { registerGrant } from './commands/grant.ts'
import { registerReconcile } from './commands/reconcile.ts'
import { registerRedrive } from './commands/redrive.ts'
import { registerReplay } from './commands/replay.ts'
import { registerRestore } from './commands/restore.ts'
import { registerStatus } from './commands/status.ts'
import { registerUser } from './commands/user.ts'

const commands = [
  registerAdjust,
  registerCosts,
  registerErase,
  registerExport,
  registerGrant,
  registerReconcile,
  registerRedrive,
  registerReplay,
  registerRestore,
  registerStatus,
  registerUser,
]

/** The command line, with every command. */
export const createProgram = (): Command => {
  const program = new Command('npm run ops --')
    .description(
      'Looks after a stage that runs: npm start on this machine, or what ./deploy.sh has deployed.',
    )
    .exitOverride()
    .configureHelp({ sortSubcommands: true })
  for (const register of commands) register(program)
  return program
}
