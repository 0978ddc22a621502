import { type ChangeSet, dropChangeSet } from './change-sets.ts'
import { describeChanges, hasLoss } from './changes.ts'
import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'

export interface Consent {
  readonly yes: boolean
  readonly allowDataLoss: boolean
}

/**
 * Shows what a change set would do, and asks. What puts data at stake takes the stage's name typed out.
 * @throws {DeployProblem} when it may not be done; the change set is forgotten
 */
export const approve = async (session: Session, changeSet: ChangeSet, consent: Consent): Promise<void> => {
  session.say(describeChanges(changeSet.changes))
  const refusal = hasLoss(changeSet.changes)
    ? await refusalOfLoss(session, consent)
    : await refusalOfChange(session, consent)
  if (refusal === undefined) return
  await dropChangeSet(session, changeSet)
  throw new DeployProblem(`${refusal} Nothing was changed.`)
}

const refusalOfLoss = async ({ ask, stage }: Session, consent: Consent): Promise<string | undefined> => {
  if (consent.allowDataLoss) return undefined
  if (!ask.isAnswered) {
    return "This puts data or the API's address at stake, and nobody is there to be asked. Run it in a terminal, or with --allow-data-loss."
  }
  const question = `This puts data or the API's address at stake. Type ${stage} to do it all the same:`
  return (await ask.typed(question, stage)) ? undefined : 'Not done, for the stage was not typed.'
}

/** Where nobody is there to answer, what puts nothing at stake is done: that is what a deployment by a machine is for. */
const refusalOfChange = async ({ ask, stage }: Session, { yes }: Consent): Promise<string | undefined> => {
  if (yes || !ask.isAnswered) return undefined
  return (await ask.yes(`Deploy this to ${stage}?`)) ? undefined : 'Not deployed.'
}
