import { createHash, randomBytes } from 'node:crypto'
import * as z from 'zod'
import { secretNames } from '../../src/config.ts'
import { type AwsCli, fromStdin } from './aws-cli.ts'
import { namesOf } from './stage.ts'

/** A secret as SSM keeps it. */
interface KeptSecret {
  readonly value: string
  readonly version: number
}
export type KeptSecrets = ReadonlyMap<string, KeptSecret>

const parametersSchema = z.object({
  Parameters: z.array(z.object({ Name: z.string(), Value: z.string(), Version: z.int() })).default([]),
})

/** The secrets of a stage that SSM has, by their names in the environment. */
export const readSecrets = async (aws: AwsCli, stage: string): Promise<KeptSecrets> => {
  const path = namesOf(stage).secretsPath
  const { Parameters: parameters } = await aws.json(
    parametersSchema,
    'ssm',
    'get-parameters',
    '--with-decryption',
    '--names',
    ...[...secretNames].map(name => `${path}/${name}`),
  )
  return new Map(
    parameters.map(({ Name, Value, Version }) => [
      Name.slice(path.length + 1),
      { value: Value, version: Version },
    ]),
  )
}

/** Secrets that are to be written, by name. */
export type NewSecrets = ReadonlyMap<string, string>

/** Those that we make up ourselves where nobody gives one. */
const madeUp = ['JWT_SECRET', 'ASSEMBLYAI_WEBHOOK_SECRET']

/**
 * What SSM lacks of a stage's secrets: what `.env.<stage>` gives anew, and what has to be made up. A new JWT_SECRET
 * leaves the old one as JWT_SECRET_PREVIOUS, so that nobody is signed out.
 */
export const newSecretsOf = (given: Readonly<Record<string, string>>, kept: KeptSecrets): NewSecrets => {
  const wanted = new Map(Object.entries(given))
  for (const name of madeUp) {
    if (!wanted.has(name) && !kept.has(name)) wanted.set(name, randomBytes(48).toString('base64url'))
  }
  const former = kept.get('JWT_SECRET')?.value
  const isRotated = former !== undefined && wanted.has('JWT_SECRET') && wanted.get('JWT_SECRET') !== former
  if (isRotated && !wanted.has('JWT_SECRET_PREVIOUS')) wanted.set('JWT_SECRET_PREVIOUS', former)
  // The former key is kept before the new one signs anything.
  const inOrder = [...wanted].sort(
    ([a], [b]) => Number(b.endsWith('_PREVIOUS')) - Number(a.endsWith('_PREVIOUS')),
  )
  return new Map(inOrder.filter(([name, value]) => kept.get(name)?.value !== value))
}

/**
 * What the functions are started anew for when it changes: it follows from the versions that SSM counts.
 * @param coming names that are about to be written once more
 */
export const secretsVersionOf = (kept: KeptSecrets, coming: Iterable<string> = []): string => {
  const versions = new Map([...kept].map(([name, { version }]) => [name, version]))
  for (const name of coming) versions.set(name, (versions.get(name) ?? 0) + 1)
  const text = [...versions]
    .map(([name, version]) => `${name}:${version}`)
    .sort()
    .join(' ')
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Writes one secret. It reaches `aws` on its stdin, so that no list of processes and no file shows it. */
export const writeSecret = async (aws: AwsCli, stage: string, name: string, value: string): Promise<void> => {
  await aws.call(
    [
      'ssm',
      'put-parameter',
      '--name',
      `${namesOf(stage).secretsPath}/${name}`,
      '--type',
      'SecureString',
      '--overwrite',
      '--value',
      fromStdin,
    ],
    value,
  )
}
