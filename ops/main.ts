// `npm run ops -- <command>`: looks after a stage that runs. docs/operating.md has every command.
import { CommanderError } from 'commander'
import { describeFailure } from './command.ts'
import { createProgram } from './program.ts'

try {
  await createProgram().parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else {
    const { text, exitCode } = describeFailure(error)
    console.error(text)
    process.exitCode = exitCode
  }
}
