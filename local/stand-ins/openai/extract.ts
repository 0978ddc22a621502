import MiniSearch from 'minisearch'
import { stemmer } from 'stemmer'
import model from 'wink-eng-lite-web-model'
import winkNlp, { type ItemToken } from 'wink-nlp'
import type { Line, Material } from './transcript.ts'

/** What the extractive model found in a prompt. */
export interface Extract {
  task: 'summary' | 'answer'
  /** The lines picked, in the order in which they were said; empty when the transcript doesn't say. */
  lines: Line[]
  /** The same lines, best first. */
  ranked: Line[]
}

const linesPerPoint = 4
const minPoints = 3
const maxPoints = 7
const maxAnswerLines = 3
/** A line that answers scores at least this part of the best line's score. */
const answerScoreShare = 0.6
/** The lines found must hold at least this part of the question's words; otherwise the transcript doesn't say. */
const answerWordShare = 0.5

/** Picks the lines that sum up the transcript or, where the material has a question, the lines that answer it. */
export function extract({ question, lines }: Material): Extract {
  const index = indexOf(lines)
  const asked = question === undefined ? [] : [...new Set(contentStems(question))]
  const ranked = asked.length === 0 ? summaryLines(index, lines) : answerLines(index, lines, asked)
  return {
    task: question === undefined ? 'summary' : 'answer',
    ranked,
    lines: lines.filter(line => ranked.includes(line)),
  }
}

const nlp = winkNlp(model, [])
const wordlessTypes = new Set(['punctuation', 'symbol', 'tabCRLF'])

/** A text's words, each cut to its stem: "walks", "walking" → "walk". */
function stemsOf(text: string): string[] {
  return wordsOf(text).map(({ stem }) => stem)
}

/** The stems of a text's words without the stop words. */
export function contentStems(text: string): string[] {
  return wordsOf(text).flatMap(({ stem, isStopWord }) => (isStopWord ? [] : stem))
}

function wordsOf(text: string): { stem: string; isStopWord: boolean }[] {
  const words: { stem: string; isStopWord: boolean }[] = []
  nlp
    .readDoc(text)
    .tokens()
    .filter(token => !wordlessTypes.has(token.out(nlp.its.type)))
    .each((token: ItemToken) => {
      words.push({
        stem: stemmer(token.out(nlp.its.normal)),
        isStopWord: Boolean(token.out(nlp.its.stopWordFlag)),
      })
    })
  return words
}

type LineIndex = MiniSearch<{ id: number; speaker: string; text: string }>

/** Scores by BM25+. Holds the stop words too: "move" is one, and "What is moving?" asks about it all the same. */
function indexOf(lines: Line[]): LineIndex {
  const index: LineIndex = new MiniSearch({
    fields: ['speaker', 'text'],
    tokenize: stemsOf,
    processTerm: stem => stem,
  })
  index.addAll(lines.map(({ speaker, text }, id) => ({ id, speaker, text })))
  return index
}

function answerLines(index: LineIndex, lines: Line[], asked: string[]): Line[] {
  const hits = index.search(asked.join(' '), { tokenize: () => asked })
  const bestScore = hits[0]?.score ?? 0
  const good = hits.filter(hit => hit.score >= bestScore * answerScoreShare).slice(0, maxAnswerLines)
  const wordsFound = new Set(good.flatMap(hit => hit.queryTerms))
  if (wordsFound.size < asked.length * answerWordShare) return []
  return good.flatMap(hit => lines[hit.id] ?? [])
}

/** The most central lines; a line that repeats an earlier pick is passed over. */
function summaryLines(index: LineIndex, lines: Line[]): Line[] {
  const wanted = Math.min(maxPoints, Math.max(minPoints, Math.ceil(lines.length / linesPerPoint)))
  const stems = lines.map(line => contentStems(line.text))
  const ranks = textRank(similarities(index, stems))
  const byRank = lines
    .map((line, id) => ({ line, rank: ranks[id] ?? 0, stems: stems[id] ?? [] }))
    .sort((a, b) => b.rank - a.rank || b.stems.length - a.stems.length)
  const picked = new Map<string, Line>()
  for (const { line, stems } of byRank) {
    const gist = stems.join(' ')
    if (picked.size < wanted && !picked.has(gist)) picked.set(gist, line)
  }
  return [...picked.values()]
}

interface Edge {
  to: number
  weight: number
}

/** How like each line is to the others, by BM25: the similarity that Barrios et al. (2016) found best for TextRank. */
function similarities(index: LineIndex, stems: string[][]): Edge[][] {
  return stems.map((terms, from) =>
    index
      .search('', { fields: ['text'], tokenize: () => terms })
      .flatMap(hit => (hit.id === from ? [] : [{ to: Number(hit.id), weight: hit.score }])),
  )
}

const damping = 0.85
const maxIterations = 50
const tolerance = 1e-6

/** TextRank (Mihalcea and Tarau, 2004): PageRank over the lines, so a line is central when central lines are like it. */
function textRank(edges: Edge[][]): number[] {
  const count = edges.length
  let ranks = new Array<number>(count).fill(1 / count)
  for (let iteration = 0; iteration < maxIterations; iteration += 1) {
    const next = new Array<number>(count).fill((1 - damping) / count)
    for (const [from, outgoing] of edges.entries()) {
      const total = outgoing.reduce((sum, { weight }) => sum + weight, 0)
      for (const { to, weight } of outgoing) {
        next[to] = (next[to] ?? 0) + (damping * (ranks[from] ?? 0) * weight) / total
      }
    }
    const isSettled = next.every((rank, id) => Math.abs(rank - (ranks[id] ?? 0)) < tolerance)
    ranks = next
    if (isSettled) break
  }
  return ranks
}
