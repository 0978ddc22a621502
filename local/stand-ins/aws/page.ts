import { htmlEscape } from 'escape-goat'
import * as z from 'zod'
import { listPage } from '../page.ts'
import type { Alarm, AlarmState } from './cloudwatch/alarms.ts'
import type { Restore } from './dynamodb/recovery.ts'
import type { Finished, Invocation } from './lambda/data.ts'
import type { Message } from './sqs/data.ts'

/** What the page shows. */
export interface AwsPage {
  pending: readonly Invocation[]
  /** The last ones last. */
  finished: readonly Finished[]
  deadLetters: readonly Message[]
  alarms: readonly { alarm: Alarm; state: AlarmState }[]
  restores: readonly Restore[]
  /** What the names of the ledger's tables end in. */
  tablesSuffix: string
  dollarsPerDay: Record<string, number>
  nowMs: number
}

const letterSchema = z.object({
  requestContext: z.object({ functionArn: z.string(), condition: z.string() }),
})
const shownMax = 20

/** The page of what Lambda, SQS, CloudWatch and DynamoDB would show in AWS's console; self-contained. */
export function awsPage(model: AwsPage): string {
  const sections = [
    section('Asynchronous invocations under way', model.pending.map(pendingArticle(model.nowMs)), 'None.'),
    section('Dead letters', model.deadLetters.map(deadLetterArticle(model.nowMs)), 'None.'),
    section('Invocations that have ended', model.finished.toReversed().map(finishedArticle), 'None yet.'),
    section('Alarms', byUrgency(model.alarms).map(alarmArticle), 'None are described for this stage.'),
    section('Restored tables', model.restores.toReversed().map(restoreArticle), noRestores(model)),
    section('Bill for a day, made up', Object.entries(model.dollarsPerDay).map(costArticle), 'Nothing.'),
  ]
  return listPage(
    'AWS',
    'Lambda’s queue of asynchronous invocations, SQS, CloudWatch, restores of DynamoDB’s tables and a made-up bill. Reload to see newer.',
    sections.join(''),
  )
}

function section(heading: string, articles: string[], none: string): string {
  const shown = articles.slice(0, shownMax)
  const count = articles.length > shown.length ? ` (${shown.length} of ${articles.length})` : ''
  const body = shown.join('') || htmlEscape`<p>${none}</p>`
  return `${htmlEscape`<section><h2>${heading}${count}</h2>`}${body}</section>\n`
}

function article(heading: string, facts: readonly string[], text?: string): string {
  const detail = text === undefined ? '' : htmlEscape`<blockquote><pre>${text}</pre></blockquote>`
  return `${htmlEscape`<article><h3>${heading}</h3><p>${facts.join(' · ')}</p>`}${detail}</article>\n`
}

function pendingArticle(nowMs: number): (invocation: Invocation) => string {
  return invocation => {
    const { functionName, requestId, acceptedAtMs, failedRuns, nextRunMs, lastFailure } = invocation
    const next = nextRunMs > nowMs ? `runs again at ${time(nextRunMs)}` : 'runs'
    const facts = [requestId, `accepted ${time(acceptedAtMs)}`, `${failedRuns} failed`, next]
    return article(functionName, facts, lastFailure === null ? undefined : indented(lastFailure.payload))
  }
}

function finishedArticle({ functionName, requestId, runs, outcome, finishedAtMs }: Finished): string {
  const words = { succeeded: 'succeeded', RetriesExhausted: 'failed for good', EventAgeExceeded: 'too old' }
  const facts = [requestId, time(finishedAtMs), runs === 1 ? '1 run' : `${runs} runs`]
  return article(`${functionName}: ${words[outcome]}`, facts)
}

function deadLetterArticle(nowMs: number): (message: Message) => string {
  return ({ id, body, sentAtMs, receives, visibleAtMs }) => {
    const seen = visibleAtMs > nowMs ? `hidden until ${time(visibleAtMs)}` : 'can be received'
    const letter = letterSchema.safeParse(jsonOf(body))
    const { functionArn, condition } = letter.data?.requestContext ?? { functionArn: id, condition: '' }
    const name = functionArn.replace(/^arn:.*:function:/, '').replace(/:\$LATEST$/, '')
    const received = receives === 0 ? 'not received yet' : `received ${receives} ×`
    const facts = [id, time(sentAtMs), received, seen]
    return article(condition === '' ? name : `${name}: ${condition}`, facts, indented(body))
  }
}

/** What sounds comes first, and what can't be judged last. */
function byUrgency(alarms: AwsPage['alarms']): AwsPage['alarms'] {
  const order = ['ALARM', 'OK', 'INSUFFICIENT_DATA']
  return alarms.toSorted((one, other) => order.indexOf(one.state.value) - order.indexOf(other.state.value))
}

function alarmArticle({ alarm, state }: AwsPage['alarms'][number]): string {
  return article(`${alarm.AlarmName}: ${state.value}`, [state.reason])
}

function restoreArticle({ source, target, atMs, requestedAtMs, items }: Restore): string {
  return article(target, [`${source} as of ${time(atMs)}`, `${items} items`, `asked ${time(requestedAtMs)}`])
}

function noRestores({ tablesSuffix }: AwsPage): string {
  return tablesSuffix === '' ? 'None: the first tables are used.' : `The tables end in ${tablesSuffix}.`
}

function costArticle([service, dollars]: [string, number]): string {
  return article(service, [`$${dollars.toFixed(3)}`])
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function indented(body: string): string {
  const content = jsonOf(body)
  return content === undefined ? body : JSON.stringify(content, null, 2)
}

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
