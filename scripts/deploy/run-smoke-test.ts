import { DeployProblem } from './problem.ts'
import type { Session } from './session.ts'
import { type SmokeOrder, smokeTest } from './smoke-test.ts'

const attempts = 15

/**
 * Tries the live API and tells how it did.
 * @throws {DeployProblem} with what failed and how to go back
 */
export const runSmokeTest = async (
  { say, stage, pollMs }: Session,
  order: Pick<SmokeOrder, 'apiUrl' | 'extensionId' | 'version'>,
): Promise<void> => {
  say(`Trying ${order.apiUrl} …`)
  const results = await smokeTest({ ...order, attempts, pauseMs: pollMs })
  for (const { name, failure } of results) say(`  ${failure === undefined ? 'ok    ' : 'FAILED'} ${name}`)
  const failures = results.flatMap(({ failure }) => failure ?? [])
  if (failures.length === 0) return
  throw new DeployProblem(
    [
      'It was deployed, but does not work as it should:',
      ...failures.map(failure => `  ${failure}`),
      `To see why: ./deploy.sh ${stage} logs <function>. To go back: ./deploy.sh ${stage} rollback`,
    ].join('\n'),
  )
}
