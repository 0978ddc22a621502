import { type Config, readConfig, type SecretReader, type SectionName } from '../config.ts'

/** On this machine secrets come from the environment, and the SDK is not loaded. */
const readSecrets: SecretReader = async (...request) => {
  const { readParameters } = await import('../upstream/ssm/parameters.ts')
  return readParameters(...request)
}

export const read = <Name extends SectionName>(...names: Name[]): Promise<Config<Name | 'base'>> =>
  readConfig<Name | 'base'>(['base', ...names], readSecrets)
