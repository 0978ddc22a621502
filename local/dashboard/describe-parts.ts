import { readHealth } from '../backend.ts'
import { isExtensionBuilt } from '../extension.ts'
import { apiUrlOf, localUrlOf, type Settings } from '../settings.ts'
import { standInPages, type Vendor, vendorKeyNames, vendorNames } from '../vendors.ts'
import { httpCheck, type Part } from './parts.ts'

const standInDescriptions: Record<Vendor, string> = {
  stripe: 'Stripe stand-in: customers, a Checkout page, and signed webhooks with retries.',
  assemblyai: 'AssemblyAI stand-in around a real speech recogniser, the Moonshine tiny model.',
  openai: 'OpenAI stand-in: no language model; it picks the lines of the transcript that matter most.',
  twitch: 'Twitch stand-in: channels with recordings of real speech, whole and broken ones.',
}
const vendorTasks: Record<Vendor, string> = {
  stripe: 'Payment',
  assemblyai: 'Speech',
  openai: 'Language model',
  twitch: 'Streams',
}

/** Everything that a start runs, in the order in which the page shows it. */
export function describeParts(settings: Settings, dynamoDbEndpoint: string): Part[] {
  const apiUrl = apiUrlOf(settings)
  return [
    {
      id: 'api',
      name: 'API',
      description: `The real handlers under serverless-offline, at ${apiUrl}.`,
      links: [
        { label: 'Health', href: `${apiUrl}/health` },
        { label: 'Packages and prices', href: `${apiUrl}/credits/packages` },
      ],
      check: () => checkApi(apiUrl),
    },
    {
      id: 'database',
      name: 'Database',
      description: `AWS’s DynamoDB Local with the tables of serverless.yml, at ${dynamoDbEndpoint}.`,
      links: [],
      // It refuses a request without a signature, and that is an answer.
      check: httpCheck(dynamoDbEndpoint, status => status === 400),
    },
    {
      id: 'aws',
      name: 'Cloud',
      description:
        'AWS stand-in: invocations that are tried again, dead letters, metrics, restores of the tables.',
      links: [{ label: 'Open the AWS stand-in', href: '/aws/' }],
      check: httpCheck(`${localUrlOf(settings)}/aws/`),
    },
    {
      id: 'extension',
      name: 'Extension',
      description: 'The development build, which speaks to this API.',
      links: [{ label: 'Speech to caption', href: '/listen' }],
      check: () => checkExtension(settings),
    },
    vendorPart('stripe', settings),
    vendorPart('assemblyai', settings),
    vendorPart('openai', settings),
    vendorPart('twitch', settings),
  ]
}

async function checkApi(apiUrl: string): ReturnType<Part['check']> {
  const health = await readHealth(apiUrl)
  return health.state === 'healthy'
    ? { state: 'up', detail: 'healthy' }
    : { state: 'down', detail: health.problems.join(', ') }
}

async function checkExtension(settings: Settings): ReturnType<Part['check']> {
  return (await isExtensionBuilt(settings))
    ? { state: 'up', detail: 'built' }
    : { state: 'down', detail: 'not built' }
}

function vendorPart(vendor: Vendor, settings: Settings): Part {
  if (settings.realVendors.includes(vendor)) {
    return {
      id: vendor,
      name: vendorTasks[vendor],
      description: `${vendorNames[vendor]} itself, because .env sets ${vendorKeyNames[vendor]}.`,
      links: [],
      check: async () => ({ state: 'up', detail: 'real account' }),
    }
  }
  const page = standInPages[vendor]
  return {
    id: vendor,
    name: vendorTasks[vendor],
    description: standInDescriptions[vendor],
    links: [{ label: `Open the ${vendorNames[vendor]} stand-in`, href: page }],
    check: httpCheck(localUrlOf(settings) + page),
  }
}
