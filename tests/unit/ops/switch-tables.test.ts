import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { suffixOf } from '../../../ops/restore-plan.ts'
import { readStack } from '../../../ops/stack.ts'
import { deployArguments, switchTables } from '../../../ops/switch-tables.ts'
import { readArguments } from '../../../scripts/deploy/arguments.ts'
import { type AwsUnderTest, clientOptions, facts, startAws } from '../../support/aws-stand-in.ts'

const suffix = suffixOf(Date.parse('2026-11-29T12:00:00Z'))

it.each([true, false])('deploy.sh is asked what it understands, answered beforehand: %s', yes => {
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

describe('a switch', () => {
  let aws: AwsUnderTest
  /** What the stack says of its tables. */
  let serving: string
  /** What the switch fails with, and whether that is before or after the others serve. */
  let failure: { readonly isSwitched: boolean } | undefined

  beforeEach(async () => {
    serving = ''
    failure = undefined
    aws = await startAws({
      service: async () => ({
        ...facts,
        stack: { ...facts.stack, outputs: { ...facts.stack.outputs, TablesSuffix: serving } },
      }),
      useTables: async wanted => {
        if (failure?.isSwitched !== false) serving = wanted
        if (failure) throw new Error('It does not come up.')
      },
    })
  })

  afterEach(() => aws.close())

  const run = () => {
    const optionsOf = (service: string) => clientOptions(`${aws.origin}/aws/${service}`)
    return switchTables(
      {
        target: {
          stage: 'local',
          region: 'us-east-1',
          stateDir: '/tmp/none',
          environment: { AWS_ENDPOINT_URL: `${aws.origin}/aws` },
          clientOptions: optionsOf,
          stack: () => readStack(optionsOf('cloudformation'), facts.stack.name),
        },
        yes: true,
      },
      suffix,
    )
  }

  it('has nothing to say where it went well', async () => {
    expect(await run()).toBeUndefined()
  })

  it('says what went wrong once the others serve, so that what comes after it is done', async () => {
    failure = { isSwitched: true }
    expect(await run()).toMatch('It does not come up.')
  })

  it('that failed leaves the former tables in service, and is to be asked for again', async () => {
    failure = { isSwitched: false }
    await expect(run()).rejects.toThrow(/the former tables serve on.*same command.*It does not come up/s)
  })

  it('of which nobody can tell how it ended is to be asked for again', async () => {
    await aws.close()
    await expect(run()).rejects.toThrow(/which tables serve can't be read.*same command/s)
  })
})
