import type { Ask } from './ask.ts'
import type { AwsCli } from './aws-cli.ts'
import type { ExtensionZip } from './extension-zip.ts'
import type { StagePackage } from './package-stage.ts'

/** What is asked for when a stage is packaged. */
export interface PackageOrder {
  readonly stage: string
  readonly region: string
  /** The variables that serverless.yml reads: no secret. */
  readonly variables: Readonly<Record<string, string>>
}

/** What every command works with. */
export interface Session {
  readonly stage: string
  readonly aws: AwsCli
  readonly say: (text: string) => void
  /** Lets `aws` write to the terminal until it ends. */
  readonly show: (args: readonly string[]) => Promise<void>
  readonly ask: Ask
  /** Where serverless.yml and `.env.<stage>` are. */
  readonly projectDir: string
  /** Where Stripe is; undefined for Stripe's own address. */
  readonly stripeApiUrl: string | undefined
  /** What the shell says the version is. */
  readonly version: string | undefined
  readonly nowMs: () => number
  readonly pollMs: number
  readonly packageStage: (order: PackageOrder) => Promise<StagePackage>
  readonly buildExtension: (stage: string, apiUrl: string) => Promise<ExtensionZip>
}
