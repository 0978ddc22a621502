import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'
import { packageService } from '../../scripts/deploy/package-stage.ts'
import { DeployProblem } from '../../scripts/deploy/problem.ts'
import { markers, region } from '../support/deployable-project.ts'

const serviceSchema = z.looseObject({ functions: z.record(z.string(), z.looseObject({})) })
const entry = 'src/handlers/entries/health.ts'

let directory: string

/** The service with one function, which is what `code` says. */
const writeService = async (code: string): Promise<void> => {
  const service = serviceSchema.parse(parse(await readFile(join(projectDir, 'serverless.yml'), 'utf8')))
  const { health } = service.functions
  await mkdir(join(directory, 'src/handlers/entries'), { recursive: true })
  await Promise.all([
    ...['node_modules', 'scripts', 'infra', 'package.json', 'tsconfig.json'].map(name =>
      symlink(join(projectDir, name), join(directory, name)),
    ),
    writeFile(join(directory, 'serverless.yml'), stringify({ ...service, functions: { health } })),
    writeFile(join(directory, entry), code),
  ])
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'package-stage-'))
})

afterEach(() => rm(directory, { recursive: true }))

it.each([
  ['that is not finished', 'export const handler = (', 'Unexpected end of file'],
  ['that names what is not there', "export { handler } from '../nowhere.ts'", '../nowhere.ts'],
])('code %s ends packaging at once, with where and why', async (_, code, why) => {
  await writeService(code)
  const packaging = packageService(directory, process.env, { stage: 'dev', region, variables: markers })
  const problem = await packaging.catch((error: unknown) => error)
  expect(problem).toBeInstanceOf(DeployProblem)
  const { message } = problem as DeployProblem
  expect(message).toContain('The functions could not be built, and nothing was changed')
  expect(message).toContain(entry)
  expect(message).toContain(why)
})
