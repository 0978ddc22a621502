import { defineConfig } from 'vitest/config'

/** Suites by folder. Those on DynamoDB share one engine, started once a run. */
const suite = (name: string, options: { dynamodb?: boolean; timeoutMs?: number; serial?: boolean } = {}) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout: options.timeoutMs ?? 20_000,
    hookTimeout: 120_000,
    fileParallelism: !options.serial,
    ...(options.dynamodb ? { globalSetup: ['tests/support/dynamodb-engine.ts'] } : {}),
  },
})

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      suite('unit'),
      suite('integration', { dynamodb: true, timeoutMs: 60_000 }),
      suite('contract', { timeoutMs: 60_000 }),
      suite('model', { dynamodb: true, timeoutMs: 300_000 }),
      suite('infra', { timeoutMs: 120_000 }),
      suite('e2e', { timeoutMs: 300_000, serial: true }),
    ],
  },
})
