import { describe, expect, it } from 'vitest'
import { developmentId, developmentKey, extensionIdOf } from '../../../../extension/build/development-id.ts'
import { manifestOf } from '../../../../extension/build/manifest.ts'

const store = manifestOf({ kind: 'store', apiUrl: 'https://api.example.com', stage: 'prod' }, '1.2.3')
const development = manifestOf(
  { kind: 'development', apiUrl: 'http://127.0.0.1:3100', stage: 'local' },
  '1.2.3',
)

const connectSources = (manifest: typeof store): string[] => {
  const policy: string = manifest.content_security_policy?.extension_pages ?? ''
  const directive = policy.split('; ').find(part => part.startsWith('connect-src '))
  return directive?.split(' ').slice(1) ?? []
}

describe('the manifest of a store build', () => {
  it('has no key: the store gives the id', () => {
    expect(store).not.toHaveProperty('key')
  })

  it('speaks to its own backend and to AssemblyAI, and to nobody else', () => {
    expect(connectSources(store)).toEqual([
      'https://api.example.com',
      'wss://streaming.assemblyai.com',
      'wss://streaming.eu.assemblyai.com',
    ])
  })

  it('is spoken to by the pages after Checkout alone', () => {
    expect(store.externally_connectable).toEqual({ matches: ['https://api.example.com/checkout/*'] })
  })

  it('names its stage beside the version, but for prod', () => {
    const staging = manifestOf(
      { kind: 'store', apiUrl: 'https://api.example.com', stage: 'staging' },
      '1.2.3',
    )
    expect(staging.version_name).toBe('1.2.3 (staging)')
    expect(store).not.toHaveProperty('version_name')
    expect(staging.version).toBe('1.2.3')
  })
})

describe('the manifest of a development build', () => {
  it('has the key that fixes its id', () => {
    expect(development.key).toBe(developmentKey)
  })

  it('may speak to a backend on any port of this machine, and to any over TLS', () => {
    expect(connectSources(development)).toEqual(
      expect.arrayContaining(['http://127.0.0.1:*', 'ws://127.0.0.1:*', 'https:', 'wss:']),
    )
  })

  it('is spoken to by its backend’s pages on whatever port: a match pattern with one is refused', () => {
    expect(development.externally_connectable).toEqual({ matches: ['http://127.0.0.1/checkout/*'] })
  })

  it('asks for what a store build asks for', () => {
    expect(development.permissions).toEqual(store.permissions)
    expect(development.optional_permissions).toEqual(store.optional_permissions)
  })
})

describe('the id of an extension', () => {
  it('is what Chrome makes of its public key', () => {
    // As Chromium 156 named an extension with this key.
    expect(developmentId).toBe('hdeogcimgihjhkjbacfcolangebckipa')
    expect(extensionIdOf(developmentKey)).toBe(developmentId)
  })

  it('is 32 letters from a to p, another for each key', () => {
    const other = extensionIdOf('MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE')
    expect(other).toMatch(/^[a-p]{32}$/)
    expect(other).not.toBe(developmentId)
  })
})
