import { describe, expect, it } from 'vitest'
import { developmentId } from '../../../../extension/build/development-id.ts'
import { backendEnvironment } from '../../../../local/backend-environment.ts'
import type { Settings } from '../../../../local/settings.ts'

const settings: Settings = {
  apiPort: 3000,
  localPort: 4000,
  stateDir: '/state',
  fresh: false,
  dotenv: {},
  realVendors: [],
}
const parts = {
  dynamoDbEndpoint: 'http://127.0.0.1:8000',
  tablesSuffix: '',
  jwtSecret: 'made-up',
  assemblyAiWebhookSecret: 'made-up-too',
  stripeWebhookSecret: 'whsec_made_up',
}

describe('the backend’s environment', () => {
  it('points every vendor’s SDK at its stand-in', () => {
    expect(backendEnvironment(settings, parts, {})).toMatchObject({
      STRIPE_API_URL: 'http://127.0.0.1:4000',
      STRIPE_WEBHOOK_SECRET: 'whsec_made_up',
      ASSEMBLYAI_API_URL: 'http://127.0.0.1:4000/assemblyai',
      OPENAI_API_URL: 'http://127.0.0.1:4000/openai/v1',
    })
  })

  it('leaves a real vendor to .env, and the others to their stand-ins', () => {
    const dotenv = { STRIPE_SECRET_KEY: 'sk_test_mine', STRIPE_WEBHOOK_SECRET: 'whsec_mine' }
    const real: Settings = { ...settings, dotenv, realVendors: ['stripe'] }
    const environment = backendEnvironment(real, { ...parts, stripeWebhookSecret: undefined }, {})
    expect(environment).toMatchObject(dotenv)
    expect(environment).not.toHaveProperty('STRIPE_API_URL')
    expect(environment.OPENAI_API_URL).toBe('http://127.0.0.1:4000/openai/v1')
  })

  it('takes the secrets of .env over those made up', () => {
    const own = { ...settings, dotenv: { JWT_SECRET: 'mine' } }
    expect(backendEnvironment(own, parts, {}).JWT_SECRET).toBe('mine')
  })

  it('lets in the extension of this machine, whatever .env says for the cloud', () => {
    const own = { ...settings, dotenv: { EXTENSION_ID: 'abcdefghijklmnopabcdefghijklmnop' } }
    expect(backendEnvironment(own, parts, {}).EXTENSION_ID).toBe(developmentId)
  })

  it('keeps what the shell exports out, but for what a program needs to run', () => {
    const shell = {
      PATH: '/bin',
      AWS_PROFILE: 'production',
      OPENAI_API_KEY: 'sk-shell',
      AWS_REGION: 'eu-west-1',
    }
    const environment = backendEnvironment(settings, parts, shell)
    expect(environment.PATH).toBe('/bin')
    expect(environment).not.toHaveProperty('AWS_PROFILE')
    expect(environment.AWS_REGION).toBe('us-east-1')
    expect(environment.OPENAI_API_KEY).not.toBe('sk-shell')
  })

  it('never lets .env point the state at a table in the cloud', () => {
    const own = {
      ...settings,
      dotenv: { DYNAMODB_ENDPOINT: 'https://dynamodb.us-east-1.amazonaws.com', AWS_ACCESS_KEY_ID: 'AKIA' },
    }
    expect(backendEnvironment(own, parts, {})).toMatchObject({
      DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
      AWS_ACCESS_KEY_ID: 'local',
    })
  })
})
