import * as z from 'zod'
import { AwsError } from './aws-cli.ts'
import type { Session } from './session.ts'

const eventsSchema = z.object({
  OperationEvents: z
    .array(
      z.object({
        EventType: z.string().optional(),
        LogicalResourceId: z.string().optional(),
        ResourceType: z.string().optional(),
        ValidationFailureMode: z.string().optional(),
        ValidationStatusReason: z.string().optional(),
      }),
    )
    .default([]),
})

/**
 * For which resources CloudFormation has refused a change set before it did anything, and why: the change set itself
 * doesn't say. Nothing where AWS can't be asked: by who may not, or by a command line from before November 2025.
 * @param changeSetId its ARN: by its name AWS finds none
 */
export const readEarlyRefusals = async ({ aws }: Session, changeSetId: string): Promise<string[]> => {
  try {
    const { OperationEvents: events } = await aws.json(
      eventsSchema,
      'cloudformation',
      'describe-events',
      '--change-set-name',
      changeSetId,
    )
    return events
      .filter(event => event.EventType === 'VALIDATION_ERROR' && event.ValidationFailureMode !== 'WARN')
      .map(
        event =>
          `  ${event.LogicalResourceId} (${event.ResourceType}): ${event.ValidationStatusReason ?? 'it gives no reason.'}`,
      )
  } catch (error) {
    if (error instanceof AwsError) return []
    throw error
  }
}
