import { defineConfig } from 'vitest/config'
import { LongestFirst } from './tests/support/longest-first.ts'

/** Suites by folder. What `globalSetup` makes, such as one DynamoDB engine, is shared by all files of a run. */
const suite = (name: string, options: { dir?: string; globalSetup?: string; timeoutMs?: number } = {}) => ({
  extends: true as const,
  test: {
    name,
    include: [`tests/${options.dir ?? name}/**/*.test.ts`],
    testTimeout: options.timeoutMs ?? 20_000,
    hookTimeout: 120_000,
    ...(options.globalSetup ? { globalSetup: [options.globalSetup] } : {}),
  },
})

const dynamodb = 'tests/support/dynamodb-engine.ts'
const product = 'tests/e2e/extension/product.ts'
const deployableProject = 'tests/support/deployable-project.ts'
const packagedService = 'tests/support/packaged-service.ts'

export default defineConfig({
  test: {
    maxWorkers: 2,
    // Loading every module again for each file would be a third of the processors' time: no file leaves anything behind.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    projects: [
      suite('unit'),
      suite('integration', { globalSetup: dynamodb, timeoutMs: 60_000 }),
      suite('contract', { timeoutMs: 60_000 }),
      suite('model', { globalSetup: dynamodb, timeoutMs: Number(process.env.MODEL_TIMEOUT_MS ?? 300_000) }),
      suite('infra', { globalSetup: packagedService, timeoutMs: 30_000 }),
      suite('deploy', { globalSetup: deployableProject, timeoutMs: 120_000 }),
      suite('e2e', { dir: 'e2e/backend', timeoutMs: 300_000 }),
      suite('extension', { dir: 'e2e/extension', globalSetup: product, timeoutMs: 180_000 }),
      // Slower than `npm test` has time for: `npm run test:soak` runs them.
      suite('soak', { dir: 'e2e/extension-soak', globalSetup: product, timeoutMs: 300_000 }),
    ],
  },
})
