import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { projectDir } from '../../../local/paths.ts'

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
  try {
    const options = { cwd: projectDir, env, timeout: 20_000 }
    const { stdout, stderr } = await run(process.execPath, ['ops/main.ts', ...args], options)
    return { code: 0, stdout, stderr }
  } catch (error) {
    return error as Ended
  }
}

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'ops-cli-'))
})

afterAll(() => rm(stateDir, { recursive: true }))

describe('npm run ops', () => {
  it('lists its commands, and each explains itself with examples', async () => {
    const { code, stdout } = await ops('--help')
    expect(code).toBe(0)
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => name)
    expect(commands).toContain('status')
    const explain = async (command: string): Promise<void> => {
      const help = await ops(command, '--help')
      expect(help.code, command).toBe(0)
      expect(help.stdout, command).toMatch(new RegExp(`Examples:\n {2}npm run ops -- ${command}`))
      expect(help.stdout, command).toContain('--stage <stage>')
    }
    await Promise.all(commands.filter(name => name !== 'help').map(explain))
  })

  it.each([
    ['no command', []],
    ['an unknown command', ['unknown']],
    ['an unknown option', ['status', '--unknown']],
    ['a word too many', ['status', 'more']],
    ['a stage that can be none', ['status', '--stage', 'Prod;']],
    ['a month that is none', ['costs', '--month', '2026-13']],
    ['no moment', ['restore']],
    ['a moment that is none', ['restore', '--at', 'yesterday']],
  ])('ends with 2 for %s', async (_name, args) => {
    const { code, stdout, stderr } = await ops(...args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
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
