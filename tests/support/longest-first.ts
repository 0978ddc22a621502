import { basename } from 'node:path'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes over half a minute, the longest first: begun late, it would run on alone when all else is done. */
const longest = [
  'npm-start.test.ts',
  'twitch.test.ts',
  'deployment.test.ts',
  'channel-catchup.test.ts',
  'interruptions.test.ts',
  'ops.test.ts',
  'ledger.model.test.ts',
  'ledger.faults.test.ts',
  'assemblyai-streaming.test.ts',
  'catchup-memory.test.ts',
  'live-bound.test.ts',
  'extension-captions.test.ts',
]

const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = longest.indexOf(basename(moduleId))
  return place === -1 ? longest.length : place
}

/** Begins what takes longest first, on a fresh clone too, where Vitest doesn't know yet how long each file takes. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => placeOf(a) - placeOf(b))
  }
}
