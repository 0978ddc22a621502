/** The vendors, each of which is either real or played by its stand-in. */
export const vendors = ['stripe', 'assemblyai', 'openai', 'twitch'] as const
export type Vendor = (typeof vendors)[number]

/** The variable that, when .env sets it, makes a vendor real. */
export const vendorKeyNames = {
  stripe: 'STRIPE_SECRET_KEY',
  assemblyai: 'ASSEMBLYAI_API_KEY',
  openai: 'OPENAI_API_KEY',
  twitch: 'TWITCH_CLIENT_SECRET',
} as const satisfies Record<Vendor, string>

/** What people call them. */
export const vendorNames = {
  stripe: 'Stripe',
  assemblyai: 'AssemblyAI',
  openai: 'OpenAI',
  twitch: 'Twitch',
} as const satisfies Record<Vendor, string>

/** The keys that the stand-ins accept. */
export const standInKeys = {
  stripe: 'sk_test_local_stand_in',
  assemblyai: 'local-stand-in',
  openai: 'sk-local-stand-in',
  twitch: 'local-stand-in',
} as const satisfies Record<Vendor, string>

/** Who else than the owner of the key the Twitch stand-in knows: the application, and the player. */
export const twitchStandInClients = {
  clientId: 'local-client',
  playbackClientId: 'local-playback-client',
} as const

/** The account that the AWS stand-in plays, and the key to it. */
export const awsStandInAccount = {
  accountId: '000000000000',
  region: 'us-east-1',
  accessKeyId: 'local',
  secretAccessKey: 'local',
  stackName: 'live-transcription-local',
  metricsNamespace: 'live-transcription/local',
  deadLettersName: 'live-transcription-local-dead-letters',
}

/** Where the stand-ins' pages are, on their server. */
export const standInPages = {
  stripe: '/stripe',
  assemblyai: '/assemblyai/',
  openai: '/openai/',
  twitch: '/twitch/',
} as const satisfies Record<Vendor, string>
