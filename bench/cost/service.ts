import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import * as z from 'zod'
import { projectDir } from '../../local/paths.ts'

const serviceSchema = z.object({
  provider: z.object({ memorySize: z.int() }),
  functions: z.record(z.string(), z.object({ memorySize: z.int().optional() })),
})

/** How much memory serverless.yml gives each function. */
export const readMemoryMb = async (): Promise<(name: string) => number> => {
  const { provider, functions } = serviceSchema.parse(
    parse(await readFile(join(projectDir, 'serverless.yml'), 'utf8')),
  )
  return name => functions[name]?.memorySize ?? provider.memorySize
}
