import { expect, it } from 'vitest'
import { suffixOf } from '../../../ops/restore-plan.ts'
import { deployArguments } from '../../../ops/switch-tables.ts'
import { readArguments } from '../../../scripts/deploy/arguments.ts'

it.each([true, false])('deploy.sh is asked what it understands, answered beforehand: %s', yes => {
  const suffix = suffixOf(Date.parse('2026-11-29T12:00:00Z'))
  const args = deployArguments({ stage: 'prod', region: 'eu-central-1' }, suffix, yes)
  expect(readArguments(args, {})).toMatchObject({
    stage: 'prod',
    command: 'switch-tables',
    operand: '-r20261129120000',
    region: 'eu-central-1',
    yes,
    dryRun: false,
  })
})
