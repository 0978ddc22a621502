import type { Command } from './commands.ts'
import { apiUrlOf, localUrlOf, type Settings, stripeListenCommand } from './settings.ts'
import { standInPages, type Vendor, vendorKeyNames, vendorNames, vendors } from './vendors.ts'

/** What is printed once everything answers. Its first line begins with "ready". */
export function readyText(settings: Settings, commands: Command[], elapsedSeconds: string): string {
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
    'Try it in another terminal, one after the other:',
    ...commands.flatMap(command => ['', `  # ${command.title}`, `  ${command.line}`]),
    '',
    'Ctrl-C ends everything. The state stays; npm start -- --fresh forgets it.',
  ].join('\n')
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
