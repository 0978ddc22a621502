import { defineConfig } from 'vitest/config'

/** Suites by folder. What `globalSetup` makes, such as one DynamoDB engine, is shared by all files of a run. */
const suite = (
  name: string,
  options: { globalSetup?: string; timeoutMs?: number; serial?: boolean } = {},
) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: options.timeoutMs ?? 20_000,
    hookTimeout: 120_000,
    fileParallelism: !options.serial,
    ...(options.globalSetup ? { globalSetup: [options.globalSetup] } : {}),
  },
})

const dynamodb = 'tests/support/dynamodb-engine.ts'
const packagedService = 'tests/support/packaged-service.ts'

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      suite('unit'),
      suite('integration', { globalSetup: dynamodb, timeoutMs: 60_000 }),
      suite('contract', { timeoutMs: 60_000 }),
      suite('model', { globalSetup: dynamodb, timeoutMs: Number(process.env.MODEL_TIMEOUT_MS ?? 300_000) }),
      suite('infra', { globalSetup: packagedService, timeoutMs: 30_000 }),
      suite('e2e', { timeoutMs: 300_000, serial: true }),
    ],
  },
})
