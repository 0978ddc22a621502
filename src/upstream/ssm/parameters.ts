import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm'

/** SSM answers at most this many at once. */
const batchSize = 10

const getParameters = async (
  region: string,
  path: string,
  names: readonly string[],
  WithDecryption: boolean,
): Promise<Record<string, string>> => {
  const client = new SSMClient({ region })
  const values: Record<string, string> = {}
  for (let start = 0; start < names.length; start += batchSize) {
    const batch = names.slice(start, start + batchSize).map(name => `${path}/${name}`)
    const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: batch, WithDecryption }))
    for (const { Name, Value } of Parameters) {
      if (Name !== undefined && Value !== undefined) values[Name.slice(path.length + 1)] = Value
    }
  }
  return values
}

/**
 * Reads SecureString parameters of one path.
 * @returns name (without the path) to value, for those that exist
 */
export const readParameters = (
  region: string,
  path: string,
  names: readonly string[],
): Promise<Record<string, string>> => getParameters(region, path, names, true)

/**
 * Finds SecureString parameters of one path without decrypting them.
 * @returns name (without the path) to ciphertext, for those that exist
 */
export const findParameters = (
  region: string,
  path: string,
  names: readonly string[],
): Promise<Record<string, string>> => getParameters(region, path, names, false)
