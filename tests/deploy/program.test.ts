import { execFile, spawn } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { projectDir } from '../../local/paths.ts'
import { makeLightProject } from '../support/deployable-project.ts'
import { goodSettings, secretValues, startApi } from '../support/deployment.ts'
import { emptyAws, type FakeAws } from '../support/fake-aws/state.ts'
import { startStripe } from '../support/stripe-stand-in.ts'

const fakeAwsDir = join(projectDir, 'tests', 'support', 'fake-aws')
/** The fake first, Node 24 for it and for deploy.sh, and no other `aws` anywhere. */
const path = [fakeAwsDir, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter)

/** A clone of the project with settings, from which the real deploy.sh is run as anybody runs it. */
const newClone = async () => {
  const [directory, stripe] = await Promise.all([makeLightProject(), startStripe()])
  const stateDir = await mkdtemp(join(tmpdir(), 'fake-aws-'))
  const stateFile = join(stateDir, 'state.json')
  const readAws = async (): Promise<FakeAws> => JSON.parse(await readFile(stateFile, 'utf8'))
  const api = await startApi(readAws, 'dev')
  const lines = Object.entries(goodSettings).map(([name, value]) => `${name}=${value}\n`)
  await Promise.all([
    writeFile(stateFile, JSON.stringify({ ...emptyAws(), apiUrl: api.url })),
    writeFile(join(directory, '.env.dev'), lines.join(''), { mode: 0o600 }),
  ])
  onTestFinished(async () => {
    await Promise.all([
      stripe.close(),
      api.close(),
      rm(stateDir, { recursive: true }),
      rm(directory, { recursive: true }),
    ])
  })
  const env = {
    PATH: path,
    HOME: stateDir,
    TMPDIR: stateDir,
    FAKE_AWS_STATE: stateFile,
    STRIPE_API_URL: stripe.origin,
    VERSION: 'v1.0.0',
    // A shell that exports a secret for something else hands it to nobody.
    OPENAI_API_KEY: 'marker-of-a-shell-5f0c9e',
  }
  return {
    directory,
    stateDir,
    env,
    readAws,
    deploy: async (...args: string[]) => {
      const child = spawn(join(directory, 'deploy.sh'), args, {
        cwd: tmpdir(),
        env,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const ended = new Promise<number | null>(resolve => child.once('close', resolve))
      const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
      return { code, stdout, stderr }
    },
  }
}

test('the aws that these tests find is the fake one', async () => {
  const { stdout } = await promisify(execFile)('sh', ['-c', 'command -v aws'], { env: { PATH: path } })
  expect(stdout.trim()).toBe(join(fakeAwsDir, 'aws'))
})

test('deploy.sh deploys from anywhere, hands secrets over unseen, and leaves no file behind', async () => {
  const clone = await newClone()
  const first = await clone.deploy('dev')
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toMatch(/dev is in service/)

  const aws = await clone.readAws()
  const shown = [
    first.stdout,
    first.stderr,
    JSON.stringify(aws.buckets),
    ...aws.calls.map(({ args }) => args.join(' ')),
  ]
  for (const secret of Object.values(secretValues)) {
    expect(shown.join('\n').includes(secret)).toBe(false)
    expect(aws.calls.some(({ stdin }) => stdin === secret)).toBe(true)
  }
  expect(aws.secrets['/live-transcription/dev/OPENAI_API_KEY']?.value).toBe(secretValues.OPENAI_API_KEY)
  const left = await readdir(clone.stateDir, { recursive: true })
  expect(left.filter(name => name.startsWith('live-transcription'))).toEqual([])
  expect(await readdir(join(clone.directory, 'dist'))).toContainEqual(
    expect.stringMatching(/^live-transcription-dev-.*\.zip$/),
  )
})

test('deploy.sh ends with an error and a word on how to go on', async () => {
  const clone = await newClone()
  await writeFile(join(clone.directory, '.env.dev'), 'XRAY=perhaps\n')
  const result = await clone.deploy('dev')
  expect(result.code).toBe(1)
  expect(result.stderr).toMatch(/XRAY must be on or off/)
  const usage = await clone.deploy()
  expect(usage).toMatchObject({ code: 1, stderr: expect.stringMatching(/Usage:/) })
})

test('a clone without Node says what is missing', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'no-node-'))
  await cp(join(projectDir, 'deploy.sh'), join(directory, 'deploy.sh'))
  const bin = join(directory, 'bin')
  const env = { PATH: bin }
  const run = promisify(execFile)('/bin/bash', [join(directory, 'deploy.sh'), 'dev'], { env })
  await expect(run).rejects.toMatchObject({ stderr: expect.stringMatching(/Node was not found: 20\.19/) })
  await rm(directory, { recursive: true })
})
