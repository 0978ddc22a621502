import { describe, expect, it } from 'vitest'
import { readyText } from '../../../../local/ready-text.ts'
import type { Settings } from '../../../../local/settings.ts'

const settings: Settings = {
  apiPort: 3100,
  localPort: 4100,
  stateDir: '/state',
  fresh: false,
  dotenv: {},
  realVendors: [],
}
const ready = { commands: [], extensionProblem: undefined, elapsedSeconds: '4.2' }

describe('what is printed once everything answers', () => {
  it('says where to load the extension from, and where to play it something', () => {
    const text = readyText(settings, ready)
    expect(text).toContain('/state/extension')
    expect(text).toContain('http://127.0.0.1:4100/listen')
  })

  it('names what keeps the extension from being built instead, and still all the rest', () => {
    const text = readyText(settings, { ...ready, extensionProblem: 'Could not resolve ./a.ts\nin b.ts' })
    expect(text).toContain('  Could not resolve ./a.ts\n  in b.ts\n')
    expect(text).not.toContain('/state/extension')
    expect(text).toContain('http://127.0.0.1:3100')
  })
})
