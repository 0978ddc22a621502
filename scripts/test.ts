// `npm test`: every check, then where the time went, then the totals as the last line.
import { spawn } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { cacheDir, projectDir } from '../local/paths.ts'

interface Totals {
  passed: number
  failed: number
  skipped: number
}

interface Step {
  readonly name: string
  readonly seconds: number
  readonly totals: Totals
}

const soak = process.argv.includes('--soak')
/** A soak asks the models for hours of bad luck instead of seconds. */
const soakEnvironment = {
  MODEL_RUNS: '500',
  MODEL_TIMEOUT_MS: '3600000',
  FAULT_OPERATIONS: '30000',
  FAULT_SEED: String(Date.now() % 1e9),
  CAPTIONS_RUNS: '1000',
}

const reportSchema = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  success: z.boolean(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.unknown()) })),
})

const run = (
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: projectDir,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    })
    child.once('error', reject)
    child.once('exit', code => resolve(code === 0))
  })

const timed = async (name: string, work: () => Promise<Totals>): Promise<Step> => {
  const started = performance.now()
  console.log(`\n── ${name}`)
  const totals = await work()
  return { name, seconds: (performance.now() - started) / 1_000, totals }
}

/** A tool that passes or fails as one. */
const check = (name: string, command: string, ...args: string[]): Promise<Step> =>
  timed(name, async () => {
    const passed = await run(command, args)
    return { passed: Number(passed), failed: Number(!passed), skipped: 0 }
  })

/** A file that could not be run at all counts as one failure. */
const readTotals = async (reportFile: string, succeeded: boolean): Promise<Totals> => {
  const report = reportSchema.parse(JSON.parse(await readFile(reportFile, 'utf8')))
  const broken = report.testResults.filter(
    file => file.status === 'failed' && file.assertionResults.length === 0,
  )
  const failed = report.numFailedTests + broken.length
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && !(succeeded && report.success) ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

interface SuiteOptions {
  /** Those alone; all of the projects' where none is named. */
  readonly files?: readonly string[]
  /** Where tests wait more than they reckon, more at once than there are processors. */
  readonly workers?: number
}

const suite = (name: string, projects: readonly string[], options: SuiteOptions = {}): Promise<Step> =>
  timed(name, async () => {
    const { files = [], workers } = options
    const reportFile = join(cacheDir, `${projects.join('-')}.json`)
    await mkdir(cacheDir, { recursive: true })
    const succeeded = await run(
      'vitest',
      [
        'run',
        ...files,
        ...projects.map(project => `--project=${project}`),
        ...(workers === undefined ? [] : [`--maxWorkers=${workers}`]),
        '--reporter=dot',
        '--reporter=json',
        `--outputFile.json=${reportFile}`,
      ],
      soak ? soakEnvironment : {},
    )
    return readTotals(reportFile, succeeded)
  })

const captionsModel = 'tests/unit/extension/captions/session.model.test.ts'

const everything = async (): Promise<Step[]> => {
  if (soak) {
    return [
      await suite('model, soaked', ['model']),
      await suite('captions, broken by chance', ['unit'], { files: [captionsModel] }),
      await suite('extension, at length', ['soak']),
    ]
  }
  const checks = await Promise.all([
    check('lint', 'biome', 'check', '.'),
    check('types', 'tsc', '--noEmit'),
    check('types of the extension', 'tsc', '--project', 'extension', '--noEmit'),
    check('unused', 'knip'),
    check('shell scripts', 'shellcheck', 'deploy.sh', '.ci/run'),
  ])
  return [
    ...checks,
    await suite('all parts', ['unit', 'contract', 'infra', 'deploy', 'integration', 'model'], { workers: 3 }),
    await suite('end to end', ['e2e', 'extension'], { workers: 3 }),
  ]
}

const steps = await everything()
const sum = (of: keyof Totals): number => steps.reduce((total, step) => total + step.totals[of], 0)

console.log('\nWhere the time went:')
console.table(
  steps.map(({ name, seconds, totals }) => ({ step: name, seconds: Math.round(seconds), ...totals })),
)
console.log(`${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`)
process.exitCode = sum('failed') === 0 ? 0 : 1
