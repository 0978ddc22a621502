// `npm run extension:build -- --stage prod --api https://…`: the zip for the Chrome Web Store, in dist/.
import { join, relative } from 'node:path'
import { ArgumentError, parseBuildArguments, usage } from '../extension/build/arguments.ts'
import { ExtensionBuildError } from '../extension/build/build-extension.ts'
import { buildForStore, type StoreZip } from '../extension/build/build-for-store.ts'
import { projectDir } from '../local/paths.ts'

const explain = (zip: StoreZip, stage: string): string => `
${relative(process.cwd(), zip.file)}
  version      ${zip.version}
  size         ${(zip.bytes / 1_000).toFixed(1)} kB
  sha256       ${zip.sha256}
  permissions  ${zip.permissions.join(', ')}
  asked later  ${zip.optionalPermissions.join(', ')}

Next:
  1. Upload it at https://chrome.google.com/webstore/devconsole; docs/extension-permissions.md has what the store asks.
  2. Put the id that the store gives it in .env as EXTENSION_ID, and deploy ${stage} again: the backend lets no other in.
`

const refuse = (text: string): void => {
  console.error(text)
  process.exitCode = 1
}

try {
  const build = parseBuildArguments(process.argv.slice(2))
  console.log(explain(await buildForStore(build, join(projectDir, 'dist')), build.stage))
} catch (error) {
  if (error instanceof ArgumentError) refuse(`${error.message}\nUsage: ${usage}`)
  else if (error instanceof ExtensionBuildError) refuse(error.message)
  else throw error
}
