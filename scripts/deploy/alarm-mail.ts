import * as z from 'zod'
import type { AwsCli } from './aws-cli.ts'

const subscriptionsSchema = z.object({
  Subscriptions: z.array(z.object({ SubscriptionArn: z.string() })).default([]),
})

/** What SNS has in the place of an ARN until somebody has followed the link in its mail. */
const pending = 'PendingConfirmation'

/** Whom a topic's alarms reach: until its mail is confirmed, SNS sends none. */
export type AlarmMail = 'confirmed' | 'not confirmed' | 'nobody'

/** Whether the alarms of a topic reach anybody. */
export const readAlarmMail = async (aws: AwsCli, topicArn: string): Promise<AlarmMail> => {
  const { Subscriptions: subscriptions } = await aws.json(
    subscriptionsSchema,
    'sns',
    'list-subscriptions-by-topic',
    '--topic-arn',
    topicArn,
  )
  if (subscriptions.length === 0) return 'nobody'
  return subscriptions.some(({ SubscriptionArn }) => SubscriptionArn === pending)
    ? 'not confirmed'
    : 'confirmed'
}
