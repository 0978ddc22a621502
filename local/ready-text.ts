import type { Command } from './commands.ts'
import { extensionSteps } from './extension.ts'
import { apiUrlOf, localUrlOf, type Settings, stripeListenCommand } from './settings.ts'
import { standInPages, type Vendor, vendorKeyNames, vendorNames, vendors } from './vendors.ts'

/** What a start has come to. */
export interface Ready {
  commands: Command[]
  /** Why there is no extension to load. */
  extensionProblem: string | undefined
  /** How long the start took, like "4.2". */
  elapsedSeconds: string
}

/** What is printed once everything answers. Its first line begins with "ready". */
export function readyText(settings: Settings, { commands, extensionProblem, elapsedSeconds }: Ready): string {
  const addresses = [
    ['API', apiUrlOf(settings)],
    ['Everything', `${localUrlOf(settings)}/`],
    ...vendors.map(vendor => [vendorNames[vendor], vendorAddress(vendor, settings)] as const),
  ] as const
  return [
    `ready in ${elapsedSeconds} s`,
    '',
    ...addresses.map(([name, address]) => `  ${name.padEnd(11)} ${address}`),
    ...vendorNotes(settings),
    '',
    ...(extensionProblem === undefined ? loadingText(settings) : withoutExtension(extensionProblem)),
    '',
    'Try it in another terminal, one after the other:',
    ...commands.flatMap(command => ['', `  # ${command.title}`, `  ${command.line}`]),
    '',
    'Ctrl-C ends everything. The state stays; npm start -- --fresh forgets it.',
  ].join('\n')
}

function loadingText(settings: Settings): string[] {
  return [
    'Captions in a browser:',
    ...extensionSteps(settings).map((step, index) => `  ${index + 1}. ${step}`),
  ]
}

function withoutExtension(problem: string): string[] {
  return [
    'The extension could not be built, so there is none to load; all else runs. Mend this and start again:',
    ...problem.split('\n').map(line => `  ${line}`),
  ]
}

function vendorAddress(vendor: Vendor, settings: Settings): string {
  return settings.realVendors.includes(vendor)
    ? `the real one (.env sets ${vendorKeyNames[vendor]})`
    : localUrlOf(settings) + standInPages[vendor]
}

function vendorNotes({ realVendors, apiPort, dotenv }: Settings): string[] {
  const notes: string[] = []
  if (realVendors.includes('stripe')) {
    notes.push(
      '',
      'Stripe’s webhooks come in while this runs in another terminal:',
      `  ${stripeListenCommand(apiPort)}`,
    )
  }
  if (realVendors.includes('assemblyai') && dotenv.PUBLIC_API_URL === undefined) {
    notes.push(
      '',
      'AssemblyAI can’t reach this machine, so a clip that takes it over 20 s is not finished. To change that, put the',
      'address of a tunnel to the API in .env as PUBLIC_API_URL.',
    )
  }
  return notes
}
