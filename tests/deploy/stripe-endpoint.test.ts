import { expect, test } from 'vitest'
import { handledEvents } from '../../scripts/deploy/stripe-endpoint.ts'
import { type Deployment, goodSettings, newDeployment } from '../support/deployment.ts'

const endpointsOf = async ({ stripe }: Deployment) =>
  (await stripe.webhookEndpoints.list({ limit: 100 })).data

const deployed = async (): Promise<Deployment> => {
  const dev = await newDeployment()
  expect(await dev.run()).toBeUndefined()
  return dev
}

test('an endpoint whose secret is lost is replaced', async () => {
  const dev = await deployed()
  const [old] = await endpointsOf(dev)
  const secret = dev.secret('STRIPE_WEBHOOK_SECRET')
  delete dev.aws.secrets['/live-transcription/dev/STRIPE_WEBHOOK_SECRET']
  expect(await dev.run()).toBeUndefined()
  const endpoints = await endpointsOf(dev)
  expect(endpoints).toHaveLength(1)
  expect(endpoints[0]?.id).not.toBe(old?.id)
  expect(dev.secret('STRIPE_WEBHOOK_SECRET')).toMatch(/^whsec_/)
  expect(dev.secret('STRIPE_WEBHOOK_SECRET')).not.toBe(secret)
})

test('an endpoint that was deleted by hand is made again', async () => {
  const dev = await deployed()
  const [old] = await endpointsOf(dev)
  await dev.stripe.webhookEndpoints.del(old?.id ?? '')
  expect(await dev.run()).toBeUndefined()
  expect(await endpointsOf(dev)).toHaveLength(1)
})

test.for([
  { name: 'other events', change: { enabled_events: ['invoice.paid' as const] } },
  { name: 'another address', change: { url: 'https://old.example.com/webhooks/stripe' } },
  { name: 'no deliveries', change: { disabled: true } },
])('an endpoint with $name is put right, with its secret', async ({ change }) => {
  const dev = await deployed()
  const [old] = await endpointsOf(dev)
  const secret = dev.secret('STRIPE_WEBHOOK_SECRET')
  await dev.stripe.webhookEndpoints.update(old?.id ?? '', change)
  expect(await dev.run()).toBeUndefined()
  const [endpoint] = await endpointsOf(dev)
  expect(endpoint).toMatchObject({
    id: old?.id,
    status: 'enabled',
    url: `${dev.api.url}/webhooks/stripe`,
    enabled_events: handledEvents,
  })
  expect(dev.secret('STRIPE_WEBHOOK_SECRET')).toBe(secret)
})

test('endpoints of other stages and of other software are left alone', async () => {
  const dev = await newDeployment()
  const foreign = [{ service: 'live-transcription', stage: 'prod' }, { stage: 'dev' }, {}]
  const ids = await Promise.all(
    foreign.map(async metadata => {
      const url = 'https://other.example.com/webhooks/stripe'
      return (await dev.stripe.webhookEndpoints.create({ url, enabled_events: ['*'], metadata })).id
    }),
  )
  await dev.run()
  await dev.run()
  const kept = (await endpointsOf(dev)).map(({ id }) => id)
  expect(kept).toEqual(expect.arrayContaining(ids))
  expect(kept).toHaveLength(ids.length + 1)
})

test('who gives STRIPE_WEBHOOK_SECRET sees to the endpoint', async () => {
  const dev = await newDeployment()
  await dev.writeSettings({ ...goodSettings, STRIPE_WEBHOOK_SECRET: 'whsec_of_the_operator' })
  expect(await dev.run()).toBeUndefined()
  expect(await endpointsOf(dev)).toEqual([])
  expect(dev.secret('STRIPE_WEBHOOK_SECRET')).toBe('whsec_of_the_operator')
})

test('a Stripe that fails is told, and the next run goes on', async () => {
  const dev = await deployed()
  delete dev.aws.secrets['/live-transcription/dev/STRIPE_WEBHOOK_SECRET']
  await dev.stripeControl({ fail_next: { count: 20, status: 500 } })
  expect(await dev.run()).toMatch(/Stripe/)
  await dev.stripeControl({ fail_next: { count: 0, status: 500 } })
  expect(await dev.run()).toBeUndefined()
  expect(await endpointsOf(dev)).toHaveLength(1)
})
