import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseAst } from 'vitest/node'

const extensionDir = fileURLToPath(new URL('../../../../extension/', import.meta.url))

interface Node {
  readonly type: string
  readonly [field: string]: unknown
}

/** A call of `text` or `plural` whose key stands in it. */
export interface TextCall {
  readonly file: string
  readonly name: 'text' | 'plural'
  readonly key: string
  /** What fills `$1`, `$2` …; undefined where it is spread from a list. */
  readonly substitutions: number | undefined
}

/** What the sources of the extension say of texts. */
export interface TextsInSources {
  /** Every string, and every template with anything for what it leaves open, as a pattern of keys. */
  readonly mentions: readonly RegExp[]
  readonly calls: readonly TextCall[]
}

export function readTexts(): TextsInSources {
  const mentions: RegExp[] = []
  const calls: TextCall[] = []
  for (const file of globSync('**/*.{ts,tsx}', { cwd: extensionDir, exclude: ['.wxt'] })) {
    const source = readFileSync(extensionDir + file, 'utf8')
    for (const node of nodesOf(parseAst(source, { lang: file.endsWith('x') ? 'tsx' : 'ts' }))) {
      const pattern = patternOf(node)
      if (pattern) mentions.push(pattern)
      if (node.type === 'CallExpression') calls.push(...callsOf(file, node))
    }
  }
  return { mentions, calls }
}

/** The node and all that are in it. */
function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const item of value) yield* nodesOf(item)
  if (!isNode(value)) return
  yield value
  for (const field of Object.values(value)) yield* nodesOf(field)
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** A template that begins with something open could be anything, so it counts as nothing. */
function patternOf(node: Node): RegExp | undefined {
  if (node.type === 'Literal' && typeof node.value === 'string') return exactly([node.value])
  if (node.type !== 'TemplateLiteral') return undefined
  const parts = [...nodesOf(node.quasis)].map(quasi => {
    const { cooked } = quasi.value as { cooked: string }
    return cooked
  })
  return parts[0] === '' ? undefined : exactly(parts)
}

const exactly = (parts: readonly string[]): RegExp => new RegExp(`^${parts.map(RegExp.escape).join('.+')}$`)

function callsOf(file: string, { callee, arguments: given }: Node): TextCall[] {
  if (!isNode(callee) || (callee.name !== 'text' && callee.name !== 'plural')) return []
  const [key, ...rest] = (given as Node[]).filter(isNode)
  if (!key) return []
  const isSpread = rest.some(({ type }) => type === 'SpreadElement')
  const substitutions = isSpread ? undefined : rest.length
  const name = callee.name
  return alternativesOf(key).flatMap(({ value }) =>
    typeof value === 'string' ? [{ file, name, key: value, substitutions }] : [],
  )
}

/** Of `isNew ? 'a' : 'b'` both. */
const alternativesOf = (node: Node): Node[] =>
  node.type === 'ConditionalExpression'
    ? [node.consequent, node.alternate].filter(isNode).flatMap(alternativesOf)
    : [node]
