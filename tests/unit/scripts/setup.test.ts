import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { explainChromium, findChromium } from '../../../scripts/setup/chromium.mjs'
import {
  explainNpmFailure,
  explainNpmVersion,
  isStale,
  withoutPackageBins,
} from '../../../scripts/setup/dependencies.mjs'
import { explainJava, javaMajor } from '../../../scripts/setup/java.mjs'
import { requireNode } from '../../../scripts/setup/node.mjs'
import { explainShellcheck } from '../../../scripts/setup/shellcheck.mjs'
import { systemKind } from '../../../scripts/setup/system.mjs'

describe('Node', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0-beta', '100.0.0'])('%s is accepted', version => {
    expect(() => requireNode(version)).not.toThrow()
  })

  it.each(['20.18.9', '18.20.4', '9.99.99'])('%s is refused with what to do', version => {
    expect(() => requireNode(version)).toThrow(`Node ${version} is too old: 20.19 or later is needed`)
    expect(() => requireNode(version)).toThrow('nodejs.org')
  })
})

describe('the installed packages', () => {
  const zod = { version: '4.6.7', integrity: 'sha512-a' }
  const foreign = { version: '1.0.0', integrity: 'sha512-b', optional: true }
  const wanted = {
    packages: { '': { version: '0.1.0' }, 'node_modules/zod': zod, 'node_modules/foreign': foreign },
  }

  it('are stale when nothing is installed', () => {
    expect(isStale(wanted, undefined)).toBe(true)
  })

  it('are current when they are the locked ones, without the optional ones of other systems', () => {
    expect(isStale(wanted, { packages: { 'node_modules/zod': zod } })).toBe(false)
    expect(isStale(wanted, { packages: { 'node_modules/zod': zod, 'node_modules/foreign': foreign } })).toBe(
      false,
    )
  })

  it('are stale when one is missing', () => {
    expect(isStale(wanted, { packages: { 'node_modules/foreign': foreign } })).toBe(true)
  })

  it.each([
    ['version', { ...zod, version: '4.6.8' }],
    ['content', { ...zod, integrity: 'sha512-other' }],
  ])('are stale when one has another %s', (_what, installed) => {
    expect(isStale(wanted, { packages: { 'node_modules/zod': installed } })).toBe(true)
  })

  it('are stale when one is left that the lockfile no longer has', () => {
    expect(isStale(wanted, { packages: { 'node_modules/zod': zod, 'node_modules/gone': zod } })).toBe(true)
  })
})

describe('a failed npm ci', () => {
  it.each(['EAI_AGAIN', 'ENOTFOUND', 'ECONNREFUSED', 'ETIMEDOUT', 'ENETUNREACH'])(
    'with %s is told as a matter of the network',
    code => {
      const told = explainNpmFailure(`npm error code ${code}\nnpm error request to somewhere failed`)
      expect(told).toContain(`could not reach the package registry (${code})`)
      expect(told).toContain('Check the network connection')
    },
  )

  it('with a full disk says so', () => {
    expect(explainNpmFailure('npm error code ENOSPC')).toContain('the disk is full')
  })

  it('without the right to write says so', () => {
    expect(explainNpmFailure('npm error code EACCES\nnpm error syscall mkdir')).toContain('may not write to')
  })

  it('for another reason is told in npm’s own words, warnings left out', () => {
    const told = explainNpmFailure('npm warn deprecated x\nnpm error code EUSAGE\nnpm error out of sync\n')
    expect(told).toContain('  npm error code EUSAGE\n  npm error out of sync')
    expect(told).not.toContain('deprecated')
  })
})

describe('npm', () => {
  it('is accepted from 10 on', () => {
    expect(explainNpmVersion('10.8.2')).toBeUndefined()
    expect(explainNpmVersion('11.19.1')).toBeUndefined()
  })

  it('that is older or missing is named with what to do', () => {
    expect(explainNpmVersion('6.14.18')).toContain('npm install -g npm@10')
    expect(explainNpmVersion(undefined)).toContain('https://nodejs.org')
  })

  it('runs on the machine’s Node and not on the one that it replaces', () => {
    expect(withoutPackageBins('/a/node_modules/.bin:/usr/bin:/b/node_modules/.bin/:/bin')).toBe(
      '/usr/bin:/bin',
    )
  })
})

describe('Java', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15\nOpenJDK Runtime Environment', 17],
    ['Picked up JAVA_TOOL_OPTIONS: -Xmx1g\nopenjdk version "21" 2023-09-19', 21],
    ['java version "1.8.0_392"', 8],
    ['The operation couldn’t be completed. Unable to locate a Java Runtime.', undefined],
  ])('tells its version in %j', (output, expected) => {
    expect(javaMajor(output)).toBe(expected)
  })

  it.each([
    ['debian', 'sudo apt-get install openjdk-21-jre-headless'],
    ['fedora', 'sudo dnf install java-latest-openjdk-headless'],
    ['macos', 'brew install --cask temurin'],
    ['other', 'https://adoptium.net'],
  ] as const)('that is missing on %s is named with the command that installs it', (system, command) => {
    const told = explainJava(undefined, system, 'openjdk-21-jre-headless')
    expect(told).toContain('Java was not found')
    expect(told).toContain(command)
  })

  it('that is too old is told with its version', () => {
    expect(explainJava(11, 'debian', 'openjdk-17-jre-headless')).toContain('Java 11 is too old')
  })
})

describe('the system', () => {
  it.each([
    ['linux', 'PRETTY_NAME="Debian GNU/Linux 12"\nID=debian\n', 'debian'],
    ['linux', 'ID=ubuntu\nID_LIKE=debian\n', 'ubuntu'],
    ['linux', 'ID=linuxmint\nID_LIKE="ubuntu debian"\n', 'ubuntu'],
    ['linux', 'ID=fedora\nVARIANT_ID=workstation\n', 'fedora'],
    ['linux', 'ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'fedora'],
    ['linux', 'ID=alpine\n', 'other'],
    ['linux', '', 'other'],
    ['darwin', '', 'macos'],
  ])('%s with %j is %s', (platform, osRelease, expected) => {
    expect(systemKind(platform, osRelease)).toBe(expected)
  })
})

describe('Chromium', () => {
  let dir: string
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'chromium-'))
  })
  afterEach(() => rm(dir, { recursive: true }))

  it('is the program that CHROMIUM_PATH names', async () => {
    const program = join(dir, 'my-browser')
    await writeFile(program, '')
    await chmod(program, 0o755)
    expect(findChromium({ CHROMIUM_PATH: program, PATH: '' })).toBe(program)
  })

  it('is not looked for elsewhere when CHROMIUM_PATH names none', async () => {
    const program = join(dir, 'chromium')
    await writeFile(program, '')
    await chmod(program, 0o755)
    expect(findChromium({ CHROMIUM_PATH: join(dir, 'none'), PATH: dir })).toBeUndefined()
    expect(explainChromium(join(dir, 'none'), 'debian')).toContain('Correct or unset it')
  })

  it('is found on the PATH, but not as a file that can’t be run', async () => {
    const program = join(dir, 'chromium')
    await writeFile(program, '', { mode: 0o644 })
    expect(findChromium({ PATH: dir })).not.toBe(program)
    await chmod(program, 0o755)
    expect(findChromium({ PATH: dir })).toBe(program)
  })

  it('that is missing is named with the command that installs it', () => {
    expect(explainChromium(undefined, 'debian')).toContain('sudo apt-get install chromium')
    expect(explainChromium(undefined, 'macos')).toContain('brew install')
  })
})

describe('shellcheck', () => {
  it('that is missing is named with the command that installs it', () => {
    expect(explainShellcheck('debian')).toContain('sudo apt-get install shellcheck')
    expect(explainShellcheck('macos')).toContain('brew install shellcheck')
  })
})
