import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseEnv } from 'node:util'
import * as z from 'zod'
import { OpsProblem } from './problem.ts'

const operateSchema = z.object({
  stage: z.literal('local'),
  environment: z
    .object({
      AWS_REGION: z.string(),
      AWS_ACCESS_KEY_ID: z.string(),
      AWS_SECRET_ACCESS_KEY: z.string(),
      AWS_ENDPOINT_URL: z.url(),
      DYNAMODB_ENDPOINT: z.url(),
      LAMBDA_ENDPOINT: z.url(),
    })
    .catchall(z.string()),
})

export type LocalEnvironment = z.output<typeof operateSchema>['environment']

/**
 * What a running `npm start` leaves in its state directory for whoever operates it.
 * @throws {OpsProblem} when none is running there
 */
export const readLocalEnvironment = async (stateDir: string): Promise<LocalEnvironment> => {
  const file = join(stateDir, 'operate.json')
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') throw notRunning(stateDir)
    throw new OpsProblem(`${file} can't be read (${error.code}).`)
  })
  const parsed = operateSchema.safeParse(parseJson(content))
  if (parsed.success) return parsed.data.environment
  throw new OpsProblem(`${file} is not what this version writes. Start again: npm start`)
}

/** Where `npm start` keeps its state, by the same settings that it reads. */
export const localStateDir = async (env: NodeJS.ProcessEnv, baseDir: string): Promise<string> => {
  const dotenv = parseEnv(await readFile(resolve(baseDir, env.ENV_FILE || '.env'), 'utf8').catch(() => ''))
  return resolve(baseDir, env.LOCAL_STATE_DIR || dotenv.LOCAL_STATE_DIR || '.local')
}

const notRunning = (stateDir: string): OpsProblem =>
  new OpsProblem(
    `Nothing runs on this machine with its state in ${stateDir}. Run npm start in another terminal, ` +
      'or say which stage you mean: --stage prod',
  )

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
