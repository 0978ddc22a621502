import { AwsError } from './errors.ts'
import type { QueryService } from './query-protocol.ts'

/** The stack that the running start stands for. */
export interface Stack {
  name: string
  description: string
  outputs: Record<string, string>
}

/** CloudFormation, with one stack, which is there and well. */
export function cloudFormationService(options: {
  accessKeyId: string
  accountId: string
  region: string
  stack(): Promise<Stack>
  startedAt: Date
}): QueryService {
  const { accessKeyId, accountId, region, startedAt } = options
  const arn = (name: string): string => `arn:aws:cloudformation:${region}:${accountId}:stack/${name}/local`
  return {
    path: '/cloudformation',
    namespace: 'http://cloudformation.amazonaws.com/doc/2010-05-15/',
    accessKeyId,
    operations: {
      DescribeStacks: async form => {
        const { name, description, outputs } = await options.stack()
        const wanted = form.get('StackName') ?? name
        if (wanted !== name && wanted !== arn(name)) {
          throw new AwsError(400, 'ValidationError', `Stack with id ${wanted} does not exist`)
        }
        return {
          Stacks: [
            {
              StackName: name,
              StackId: arn(name),
              Description: description,
              CreationTime: startedAt.toISOString(),
              StackStatus: 'UPDATE_COMPLETE',
              Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({
                OutputKey,
                OutputValue,
              })),
            },
          ],
        }
      },
    },
  }
}
