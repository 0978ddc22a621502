import { describe, expect, it } from 'vitest'
import { ArgumentError, parseBuildArguments } from '../../../../extension/build/arguments.ts'

const api = 'https://abc123.execute-api.us-east-1.amazonaws.com'

describe('the arguments of a store build', () => {
  it('are the stage and the backend’s address, whose slash at the end is left out', () => {
    expect(parseBuildArguments(['--stage', 'prod', '--api', `${api}/`])).toEqual({
      stage: 'prod',
      apiUrl: api,
    })
    expect(parseBuildArguments([`--api=${api}`, '--stage=eu-2'])).toEqual({ stage: 'eu-2', apiUrl: api })
  })

  it.each([
    [
      'an address without TLS',
      ['--stage', 'prod', '--api', 'http://api.example.com'],
      'must begin with https://',
    ],
    ['this machine', ['--stage', 'prod', '--api', 'http://127.0.0.1:3000'], 'must begin with https://'],
    ['what is no address', ['--stage', 'prod', '--api', 'api.example.com'], 'is no address'],
    ['a path', ['--stage', 'prod', '--api', `${api}/prod`], `Did you mean ${api}?`],
    ['a question', ['--stage', 'prod', '--api', `${api}/?a=b`], 'nothing may follow the host'],
    [
      'a password',
      ['--stage', 'prod', '--api', 'https://me:secret@api.example.com'],
      'nothing may follow the host',
    ],
    ['no address', ['--stage', 'prod'], '--api is missing'],
    ['no stage', ['--api', api], '--stage is missing'],
    ['a stage that would lead out of the folder', ['--stage', '../prod', '--api', api], 'small letters'],
    ['an option that is not known', ['--stage', 'prod', '--api', api, '--zip'], '--zip'],
    ['a word too many', ['--stage', 'prod', '--api', api, 'please'], 'please'],
  ])('are refused for %s', (_, args, message) => {
    expect(() => parseBuildArguments(args)).toThrow(ArgumentError)
    expect(() => parseBuildArguments(args)).toThrow(message)
  })
})
