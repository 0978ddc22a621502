import type { UserManifest } from 'wxt'
import { developmentKey } from './development-id.ts'
import type { ExtensionBuild } from './options.ts'

/** Where AssemblyAI's streaming API lives, worldwide and in the EU. */
const speechHosts = ['wss://streaming.assemblyai.com', 'wss://streaming.eu.assemblyai.com']

/** A developer's own backend may be anywhere, and its stand-ins are on this machine. */
const developmentHosts = [
  'http://127.0.0.1:*',
  'http://localhost:*',
  'ws://127.0.0.1:*',
  'ws://localhost:*',
  'https:',
  'wss:',
]

/**
 * The oldest Chrome that has all that is used here, and that the bundles are written for: from this one on
 * `chrome.storage.local`, which holds the refresh token, can be closed to content scripts.
 */
export const minimumChromeVersion = '140'

type ManifestOptions = Pick<ExtensionBuild, 'kind' | 'apiUrl' | 'stage'>

/**
 * The manifest but for the entry points, which WXT adds. Each permission's reason is in docs/extension-permissions.md.
 *
 * @param version of package.json: up to four numbers with dots between
 */
export const manifestOf = ({ kind, apiUrl, stage }: ManifestOptions, version: string): UserManifest => ({
  name: '__MSG_extension_name__',
  short_name: '__MSG_extension_short_name__',
  description: '__MSG_extension_description__',
  default_locale: 'en',
  version,
  ...(stage === 'prod' ? {} : { version_name: `${version} (${stage})` }),
  minimum_chrome_version: minimumChromeVersion,
  ...(kind === 'development' ? { key: developmentKey } : {}),
  permissions: ['alarms', 'offscreen', 'scripting', 'sidePanel', 'storage', 'unlimitedStorage'],
  // Together, or the first click in a tab would count without the second: see background/capture-permissions.ts.
  optional_permissions: ['activeTab', 'tabCapture'],
  // A private window promises that nothing stays, and this keeps every word.
  incognito: 'not_allowed',
  externally_connectable: {
    matches: [`${new URL(apiUrl).protocol}//${new URL(apiUrl).hostname}/checkout/*`],
  },
  content_security_policy: {
    extension_pages: [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "font-src 'self'",
      "object-src 'none'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
      `connect-src ${(kind === 'development' ? developmentHosts : [new URL(apiUrl).origin, ...speechHosts]).join(' ')}`,
    ].join('; '),
  },
  commands: {
    'toggle-captions': {
      // Chromium keeps Alt+Shift+C to itself, and gives a command whose key is taken none.
      suggested_key: { default: 'Alt+Shift+L' },
      description: '__MSG_command_toggle_captions__',
    },
  },
})
