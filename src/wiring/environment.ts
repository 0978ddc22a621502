import { setTimeout as sleepMs } from 'node:timers/promises'
import { type Config, readConfig, type SecretReader, type SectionName } from '../config.ts'
import { fullJitter } from '../domain/backoff.ts'

export const now = (): number => Date.now()
export const sleep = (milliseconds: number): Promise<void> => sleepMs(milliseconds)
export const backoff = fullJitter(Math.random, sleep)

const readSecrets: SecretReader = async (...request) => {
  const { readParameters } = await import('../upstream/ssm/parameters.ts')
  return readParameters(...request)
}

export const read = <Name extends SectionName>(...names: Name[]): Promise<Config<Name | 'base'>> =>
  readConfig<Name | 'base'>(['base', ...names], readSecrets)
