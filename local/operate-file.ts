import { chmod, rm, writeFile } from 'node:fs/promises'
import type { ServiceDefinition } from './service-definition.ts'
import { localUrlOf, type Settings } from './settings.ts'

/** Of the backend's environment: what only its process needs. */
const ofTheProcess = [
  'PATH',
  'HOME',
  'TMPDIR',
  'LANG',
  'LC_ALL',
  'TZ',
  'NODE_EXTRA_CA_CERTS',
  'ESBUILD_WORK_DIR',
]

/** What the operator's commands read of a running start. */
interface OperateFile {
  stage: string
  /** A function's environment, and AWS_ENDPOINT_URL: under it is each service, such as `/sqs`. */
  environment: Record<string, string>
}

/**
 * What the operator's commands need to reach a start: what serverless.yml gives a function, and over it what this
 * start gives the backend.
 */
export function operateFileOf(
  settings: Settings,
  stage: string,
  service: ServiceDefinition,
  backendEnvironment: Record<string, string>,
): OperateFile {
  const fromService = Object.entries(service.provider.environment).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : [],
  )
  const ownOfBackend = Object.entries(backendEnvironment).filter(([name]) => !ofTheProcess.includes(name))
  return {
    stage,
    environment: {
      ...Object.fromEntries(fromService),
      ...Object.fromEntries(ownOfBackend),
      AWS_ENDPOINT_URL: `${localUrlOf(settings)}/aws`,
    },
  }
}

/** Writes it for its owner alone, since it holds keys. */
export async function writeOperateFile(file: string, content: OperateFile): Promise<void> {
  await writeFile(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 })
  await chmod(file, 0o600)
}

export async function removeOperateFile(file: string): Promise<void> {
  await rm(file, { force: true })
}
