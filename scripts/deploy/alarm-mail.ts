import * as z from 'zod'
import type { AwsCli } from './aws-cli.ts'
import { readTemplate } from './deployed-template.ts'
import { madeResources } from './template.ts'

const subscriptionsSchema = z.object({
  Subscriptions: z.array(z.object({ SubscriptionArn: z.string(), Endpoint: z.string() })).default([]),
})

/** What SNS has in the place of an ARN until somebody has followed the link in its mail, and once it has ended. */
const pending = 'PendingConfirmation'
const ended = 'Deleted'

/** Whom a topic's alarms reach: until its mail is confirmed, SNS sends none. */
export interface AlarmMail {
  readonly state: 'confirmed' | 'not confirmed' | 'gone' | 'nobody'
  /** For people to read: the state, and what to do about it. */
  readonly text: string
}

/** Whether the alarms of a stack's topic reach anybody. */
export const readAlarmMail = async (aws: AwsCli, stackName: string, topicArn: string): Promise<AlarmMail> => {
  const { Subscriptions: all } = await aws.json(
    subscriptionsSchema,
    'sns',
    'list-subscriptions-by-topic',
    '--topic-arn',
    topicArn,
  )
  const command = (address: string): string =>
    `aws sns subscribe --topic-arn ${topicArn} --protocol email --notification-endpoint ${address} --region ${aws.region}`
  const subscriptions = all.filter(({ SubscriptionArn }) => SubscriptionArn !== ended)
  const waiting = subscriptions.find(({ SubscriptionArn }) => SubscriptionArn === pending)
  if (waiting !== undefined) {
    const text = `not confirmed: follow the link in the mail from AWS. It may have expired; for another: ${command(waiting.Endpoint)}`
    return { state: 'not confirmed', text }
  }
  if (subscriptions.length > 0) return { state: 'confirmed', text: 'confirmed' }
  const address = await deployedAddress(aws, stackName)
  if (address === undefined) return { state: 'nobody', text: 'to nobody: ALARM_EMAIL is not set' }
  // A deployment makes none: for CloudFormation it is still there.
  const text = `gone: it was not confirmed in time, or somebody has unsubscribed. Again: ${command(address)}`
  return { state: 'gone', text }
}

/** To whom a stack once had alarms mailed; undefined where it never had. */
const deployedAddress = async (aws: AwsCli, stackName: string): Promise<string | undefined> => {
  const resources = Object.values(madeResources(await readTemplate(aws, stackName)))
  const mail = resources.find(({ Type }) => Type === 'AWS::SNS::Subscription')
  return z.string().optional().parse(mail?.Properties?.Endpoint)
}
