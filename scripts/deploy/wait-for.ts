import { setTimeout as sleep } from 'node:timers/promises'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'

/** Two hours, with three seconds in between: several times what CloudFormation takes for anything of a stage. */
const mostPolls = 2_400

/**
 * Asks CloudFormation again and again until something has ended.
 * @param what is waited for, for people to read
 * @param ask says how it has ended; undefined while it goes on
 * @throws {DeployProblem} when it doesn't end
 */
export const waitFor = async <End>(
  { pollMs, stage }: Session,
  what: string,
  ask: () => Promise<End | undefined>,
): Promise<End> => {
  for (let polls = 0; polls < mostPolls; polls += 1) {
    const end = await ask()
    if (end !== undefined) return end
    await sleep(pollMs)
  }
  throw new DeployProblem(
    `${what} has not ended for two hours. CloudFormation goes on by itself: ./deploy.sh ${stage} status tells how it is.`,
  )
}
