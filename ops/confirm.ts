import { input } from '@inquirer/prompts'
import { OpsProblem } from './problem.ts'

/**
 * Has the operator type `expected` before what can't be undone.
 * @throws {OpsProblem} when something else is typed, or nobody is there to type
 */
export type Confirm = (question: { readonly warning: string; readonly expected: string }) => Promise<void>

/** Asks on the terminal; `--yes` has answered already. */
export const terminalConfirm = (yes: boolean): Confirm => {
  if (yes) return async () => undefined
  return async ({ warning, expected }) => {
    if (!process.stdin.isTTY) {
      throw new OpsProblem(`${warning}\nNobody is here to confirm it. Add --yes to do it without a question.`)
    }
    // To stderr: stdout has the report alone.
    const typed = await input(
      { message: `${warning}\nType ${expected} to go on:` },
      { output: process.stderr },
    )
    if (typed.trim() !== expected) throw new OpsProblem('That was something else: stopped here.')
  }
}
