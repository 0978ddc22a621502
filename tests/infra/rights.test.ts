import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { projectDir } from '../../local/paths.ts'
import { readTemplate } from '../support/cloudformation.ts'
import { type FunctionRole, functionRolesOf } from '../support/rights.ts'

const preface = `# Rights

> Made from the compiled template: \`npm run rights\` writes it, and a test fails while it is not up to date.

Each function has a role of its own, which Lambda alone can take. It may do what stands here and write its own log; no action has a
wildcard, and no resource but the streams of that log. Tables and indexes are DynamoDB's actions, secrets are those it may read from SSM.

What is not in the table: in prod AWS Backup's role may copy the three tables of the ledger into the stage's vault (\`infra/backup.yml\`). With
\`XRAY=on\` every function may also write traces, and with \`VPC_SUBNET_IDS\` make the network interfaces that it needs: of both AWS lets
nobody name the resource.
`

const among = (names: readonly string[] | undefined, toText: (name: string) => string): string[] =>
  (names ?? []).map(toText)
const asIs = (name: string): string => name
const cell = (...parts: string[]): string => parts.join(', ')

const rowOf = ({ name, rights }: FunctionRole): string => {
  const cells = [
    `\`${name}\``,
    cell(...among(rights.users, asIs)),
    cell(...among(rights.usage, asIs)),
    cell(...among(rights.transactions, asIs), ...among(rights.transactionsOfUser, one => `${one} by user`)),
    cell(...among(rights.ephemera, asIs), ...among(rights.activeAccounts, one => `${one} of the active`)),
    cell(...among(rights.secrets, one => `\`${one}\``)),
    cell(
      ...among(rights.invokes, one => `invoke \`${one}\``),
      ...among(rights.deadLetters, one => `${one} to the dead letters`),
    ),
  ]
  return `| ${cells.join(' | ')} |`
}

test('docs/rights.md says what each function may do', async () => {
  const roles = functionRolesOf(await readTemplate(inject('packagedStages').dev), 'dev')
  const rows = roles.toSorted((a, b) => a.name.localeCompare(b.name)).map(rowOf)
  const head = [
    '| function | Users | Usage | Transactions | Ephemera | secrets | may also |',
    '|---|---|---|---|---|---|---|',
  ]
  await expect([preface, ...head, ...rows, ''].join('\n')).toMatchFileSnapshot(
    join(projectDir, 'docs/rights.md'),
  )
})
