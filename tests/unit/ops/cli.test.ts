import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectDir } from '../../../local/paths.ts'
import { describeFailure } from '../../../ops/command.ts'
import { OpsProblem, UsageProblem } from '../../../ops/problem.ts'
import { createProgram } from '../../../ops/program.ts'
import { ConfigError } from '../../../src/config.ts'
import { UpstreamError } from '../../../src/domain/errors.ts'

const run = promisify(execFile)
let stateDir: string

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line as `npm run ops --` does, with nothing running in its state directory. */
const ops = async (...args: string[]): Promise<Ended> => {
  const env = { ...process.env, LOCAL_STATE_DIR: stateDir, ENV_FILE: join(stateDir, 'none.env') }
  const options = { cwd: projectDir, env, timeout: 20_000 }
  return run(process.execPath, ['ops/main.ts', ...args], options).then(
    output => ({ code: 0, ...output }),
    (error: Ended) => error,
  )
}

/** What a command says of itself. */
const helpOf = async (...args: string[]): Promise<string> => {
  const program = createProgram()
  let help = ''
  for (const command of [program, ...program.commands]) {
    command.configureOutput({
      writeOut: text => {
        help += text
      },
    })
  }
  await program.parseAsync([...args, '--help'], { from: 'user' }).catch(() => undefined)
  return help
}

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ops-cli-'))
})

afterAll(() => rm(stateDir, { recursive: true }))

const names = createProgram().commands.map(command => command.name())

describe('npm run ops', () => {
  it('lists its commands', async () => {
    const help = await helpOf()
    for (const name of names) expect(help).toContain(`\n  ${name} `)
    expect(names).toContain('status')
  })

  it.each(names)('explains %s, with examples that name no other', async name => {
    const help = await helpOf(name)
    expect(help).toMatch(new RegExp(`\nExamples:\n(?: {2}npm run ops -- ${name}\\b.*\n)+$`))
    for (const option of ['--stage <stage>', '--region <region>', '--json']) expect(help).toContain(option)
  })

  it.each(names)('lets %s ask for a confirmation only where it can change something', name => {
    const flags = createProgram()
      .commands.find(command => command.name() === name)
      ?.options.map(({ long }) => long)
    expect(flags?.includes('--apply')).toBe(flags?.includes('--yes'))
  })

  it.each([
    ['no command', []],
    ['a word too many', ['status', 'more']],
    ['a stage that can be none', ['status', '--stage', 'Prod;']],
    ['a month that is none', ['costs', '--month', '2026-13']],
    ['no moment', ['restore', '--apply']],
  ])('ends with 2 for %s', async (_name, args) => {
    const { code, stdout, stderr } = await ops(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('ends with 1 where nothing runs, and says what to do', async () => {
    const { code, stdout, stderr } = await ops('status')
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toContain(`Nothing runs on this machine with its state in ${stateDir}. Run npm start`)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  it('refuses what another version has left, without quoting it', async () => {
    await writeFile(join(stateDir, 'operate.json'), '{"stage":"local","environment":{"JWT_SECRET":"secret"}}')
    const { code, stderr } = await ops('status')
    await rm(join(stateDir, 'operate.json'))
    expect(code).toBe(1)
    expect(stderr).toContain('is not what this version writes. Start again: npm start')
    expect(stderr).not.toContain('secret')
  })
})

describe('a failure', () => {
  const named = (name: string, fields: object = {}) => Object.assign(new Error('No.'), { name }, fields)

  it.each([
    ['what was typed wrong', new UsageProblem('No.'), 2],
    ['what an operator can mend', new OpsProblem('No.'), 1],
    ['a missing variable', new ConfigError(['JWT_SECRET is missing']), 1],
    ['a vendor', new UpstreamError('stripe', 'timeout'), 1],
    ["AWS's refusal", named('AccessDeniedException', { $metadata: {} }), 1],
    ['a question left', named('ExitPromptError'), 1],
    ['no credentials', named('CredentialsProviderError'), 1],
  ])('by %s is told without a stack', (_name, error, exitCode) => {
    const failure = describeFailure(error)
    expect(failure.exitCode).toBe(exitCode)
    expect(failure.text).not.toMatch(/\n\s+at /)
  })

  it('by a bug is told with its stack, for who mends it', () => {
    expect(describeFailure(new TypeError('x is not a function'))).toMatchObject({
      exitCode: 1,
      text: expect.stringMatching(/x is not a function\n\s+at /),
    })
  })
})
