import * as z from 'zod'
import { type Change, describeChanges } from './changes.ts'
import type { Ready } from './checks.ts'
import { readTemplate } from './deployed-template.ts'
import type { StagePackage } from './package-stage.ts'
import { newSecretsOf } from './secrets.ts'
import type { Session } from './session.ts'
import { isServing } from './stacks.ts'
import { namesOf } from './stage.ts'
import { canonicalJson, finishTemplate, madeResources, type Template } from './template.ts'

/** Tells what a deployment would do, as far as that can be told without asking CloudFormation for a change set. */
export const foresee = async (session: Session, ready: Ready, packed: StagePackage): Promise<void> => {
  const { say, stage } = session
  const { account } = ready
  const deployed =
    account && isServing(account.stack) ? await readTemplate(session.aws, account.stack.name) : undefined
  const bucket = bucketOf(deployed) ?? 'the stage’s bucket'
  const codeKeys = new Map([...packed.zips].map(([name, { key }]) => [name, key]))
  const { template } = finishTemplate(packed.compiled, bucket, codeKeys)
  const changes = differences(deployed, template)
  if (changes.length === 0) say('The stack is as it should be: nothing would change.')
  else say(`It would do this, as far as can be told from here:\n${describeChanges(changes)}`)
  if (account) {
    const secrets = [...newSecretsOf(ready.settings.secrets, account.kept).keys()]
    if (secrets.length > 0) say(`Secrets that would be written: ${secrets.join(', ')}`)
  }
  say(
    `Then it would see to Stripe's webhook endpoint, build the extension and try the API of ${namesOf(stage).stack}.`,
  )
  say('This was a dry run: nothing was changed.')
}

const codeSchema = z.object({ Code: z.object({ S3Bucket: z.string() }) })

const bucketOf = (template: Template | undefined): string | undefined => {
  for (const { Properties } of Object.values(template?.Resources ?? {})) {
    const code = codeSchema.safeParse(Properties)
    if (code.success) return code.data.Code.S3Bucket
  }
  return undefined
}

const differences = (before: Template | undefined, after: Template): Change[] => {
  const old = before ? madeResources(before) : {}
  const now = madeResources(after)
  const changed = Object.entries(now).flatMap(([id, resource]): Change[] => {
    const former = old[id]
    if (former === undefined) return [{ Action: 'Add', LogicalResourceId: id, ResourceType: resource.Type }]
    if (canonicalJson(former) === canonicalJson(resource)) return []
    const kind = former.Type === resource.Type ? 'Conditional' : 'True'
    return [{ Action: 'Modify', LogicalResourceId: id, ResourceType: resource.Type, Replacement: kind }]
  })
  const gone = Object.entries(old).filter(([id]) => now[id] === undefined)
  return [
    ...changed,
    ...gone.map(
      ([id, { Type, DeletionPolicy }]): Change => ({
        Action: 'Remove',
        LogicalResourceId: id,
        ResourceType: Type,
        PolicyAction: DeletionPolicy ?? 'Delete',
      }),
    ),
  ]
}
