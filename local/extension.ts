import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { buildExtension } from '../extension/build/build-extension.ts'
import { minimumChromeVersion } from '../extension/build/manifest.ts'
import { apiUrlOf, localUrlOf, type Settings } from './settings.ts'
import { statePaths } from './state-dir.ts'

/**
 * Builds the development extension for this start's API into the state directory.
 *
 * @throws {ExtensionBuildError}
 */
export async function buildLocalExtension(settings: Settings): Promise<void> {
  await buildExtension({
    kind: 'development',
    apiUrl: apiUrlOf(settings),
    stage: 'local',
    outDir: statePaths(settings.stateDir).extension,
  })
}

/** Whether there is an extension to load. */
export function isExtensionBuilt(settings: Settings): Promise<boolean> {
  return access(join(statePaths(settings.stateDir).extension, 'manifest.json')).then(
    () => true,
    () => false,
  )
}

/** What to do, one after the other, to see captions in a browser. */
export function extensionSteps(settings: Settings): string[] {
  return [
    `In Chrome ${minimumChromeVersion} or later open chrome://extensions and switch on Developer mode.`,
    `Click “Load unpacked” and paste the folder: ${statePaths(settings.stateDir).extension}`,
    'Read the page that opens and agree. Pin the extension, under the puzzle piece beside the address.',
    'Click its icon and create an account: 200 credits are free.',
    `Open ${localUrlOf(settings)}/listen, press play, click the icon again and start captions.`,
  ]
}
