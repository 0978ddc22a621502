import { expect, test } from 'vitest'
import { restoredSuffix } from '../support/deployable-project.ts'
import { newDeployment } from '../support/deployment.ts'

const users = `live-transcription-dev-users${restoredSuffix}`

test.for([
  {
    lacks: 'point-in-time recovery' as const,
    command: `aws dynamodb update-continuous-backups --table-name ${users} --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true --region us-east-1`,
  },
  {
    lacks: 'deletion protection' as const,
    command: `aws dynamodb update-table --table-name ${users} --deletion-protection-enabled --region us-east-1`,
  },
])('a table without $lacks is not switched to, and is told how it gets it', async ({ lacks, command }) => {
  const dev = await newDeployment()
  await dev.run()
  for (const kind of ['users', 'usage', 'transactions'])
    dev.aws.tables[`live-transcription-dev-${kind}${restoredSuffix}`] = { items: [] }
  dev.aws.tables[users] = { items: [], lacks: [lacks] }
  dev.aws.calls = []
  const refusal = await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')
  expect(refusal).toMatch(/^Nothing was changed/)
  expect(refusal?.split('\n').filter(line => line.includes('aws '))).toEqual([`  ${command}`])
  expect(dev.changed()).toEqual([])
  delete dev.aws.tables[users].lacks
  expect(await dev.run('switch-tables', restoredSuffix, '--allow-data-loss')).toBeUndefined()
})
