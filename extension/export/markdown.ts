import { timeStamp } from '../ui/format.ts'
import { dateInWords } from './dates.ts'
import type { AnsweredQuestion, TranscriptExport } from './model.ts'
import { paragraphs } from './paragraphs.ts'
import { oneLine } from './text-line.ts'

/** A document to read: where it was heard, the summary, what was said in paragraphs, questions and answers. */
export function markdown(request: TranscriptExport): string {
  const { session, labels } = request
  const title = oneLine(session.page.title) || labels.untitled
  const blocks = [
    `# ${inline(title)}`,
    link(session.page.url),
    inline(labels.captionedOn(dateInWords(request))),
    ...summaryBlocks(request),
    `## ${inline(labels.transcript)}`,
    ...paragraphs(request.segments, labels).map(({ startMs, text }) => timed(startMs, text)),
    ...answerBlocks(request),
  ]
  return `${blocks.filter(block => block !== '').join('\n\n')}\n`
}

const summaryBlocks = ({ summary, labels }: TranscriptExport): string[] => {
  if (!summary) return []
  const points = summary.points.map(point => `- ${timed(point.at_ms, point.text)}`)
  return [
    `## ${inline(labels.summary)}`,
    paragraph(summary.headline),
    ...(points.length > 0 ? [points.join('\n')] : []),
  ]
}

const answerBlocks = ({ answers = [], labels }: TranscriptExport): string[] => {
  if (answers.length === 0) return []
  const blocksOf = ({ question, answer }: AnsweredQuestion): string[] => [
    `### ${inline(question)}`,
    ...answer.answer.split(/\n+/).map(paragraph),
    ...(answer.cited.length > 0 ? [inline(labels.cited(answer.cited.map(timeStamp).join(', ')))] : []),
  ]
  return [`## ${inline(labels.questions)}`, ...answers.flatMap(blocksOf)]
}

const timed = (milliseconds: number, text: string): string => `**${timeStamp(milliseconds)}** ${inline(text)}`

/** A text in the midst of a line, that shows as it is: what would be markup, an entity, HTML or a link is escaped. */
const inline = (text: string): string =>
  oneLine(text)
    .replaceAll(/[\\`*_[\]<>~#$|@]/g, String.raw`\$&`)
    .replaceAll(/&(?=#?\w+;)|:(?=\/\/)|(?<=www)\./gi, String.raw`\$&`)

/** A text that begins a line: what would make it a list, a rule or a heading is escaped too. */
const paragraph = (text: string): string =>
  inline(text)
    .replace(/^[-+=]/, String.raw`\$&`)
    .replace(/^(\d+)([.)])/, String.raw`$1\$2`)

/** A page's address: a link if it is one of the web's, whose address has no character that would end the link. */
const link = (url: string): string => {
  const parsed = URL.parse(url)
  return parsed && /^https?:$/.test(parsed.protocol) ? `<${parsed.href}>` : inline(url)
}
