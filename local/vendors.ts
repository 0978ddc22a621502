/** The vendors, each of which is either real or played by its stand-in. */
export const vendors = ['stripe', 'assemblyai', 'openai'] as const
export type Vendor = (typeof vendors)[number]

/** The variable that, when .env sets it, makes a vendor real. */
export const vendorKeyNames = {
  stripe: 'STRIPE_SECRET_KEY',
  assemblyai: 'ASSEMBLYAI_API_KEY',
  openai: 'OPENAI_API_KEY',
} as const satisfies Record<Vendor, string>

/** What people call them. */
export const vendorNames = {
  stripe: 'Stripe',
  assemblyai: 'AssemblyAI',
  openai: 'OpenAI',
} as const satisfies Record<Vendor, string>

/** The keys that the stand-ins accept. */
export const standInKeys = {
  stripe: 'sk_test_local_stand_in',
  assemblyai: 'local-stand-in',
  openai: 'sk-local-stand-in',
} as const satisfies Record<Vendor, string>

/** Where the stand-ins' pages are, on their server. */
export const standInPages = {
  stripe: '/stripe',
  assemblyai: '/assemblyai/',
  openai: '/openai/',
} as const satisfies Record<Vendor, string>
