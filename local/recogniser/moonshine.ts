import { readFile } from 'node:fs/promises'
import llamaTokenizer from 'llama-tokenizer-js'
import * as ort from 'onnxruntime-web'
import { SAMPLE_RATE_HZ } from './decode.ts'

/** A token of Moonshine's vocabulary and how sure the model was of it, from 0 to 1. */
export type Token = { id: number; probability: number }

/** The speech model, ready to listen. */
export type Moonshine = {
  /**
   * What is said in mono samples at 16 kHz, as tokens without the start and end marks.
   *
   * @param known the tokens that it begins with, where these are settled already: they are taken as they are,
   * in one step, and what follows is heard
   */
  listen(samples: Float32Array, known?: readonly number[]): Promise<Token[]>
}

const LAYERS = 6
const HEADS = 8
const HEAD_SIZE = 36
const START_TOKEN = 1
const END_TOKEN = 2

/** Moonshine's own limit: it repeats itself without end on some sounds. */
const MOST_TOKENS_PER_SECOND = 6

/**
 * Loads the quantised Moonshine tiny model (English) from the package that carries it. The feeds, the limit
 * and the greedy decoding follow that package's `src/model.ts`.
 */
export async function loadMoonshine(): Promise<Moonshine> {
  ort.env.logLevel = 'error'
  ort.env.wasm.numThreads = 1
  const encoder = await loadSession('encoder_model.onnx')
  const decoder = await loadSession('decoder_model_merged.onnx')
  return { listen: (samples, known = []) => listen(encoder, decoder, samples, known) }
}

/** The words of a list of tokens, each with the tokens that it is made of. */
export function groupIntoWords(tokens: Token[]): { text: string; tokens: Token[] }[] {
  const groups: Token[][] = []
  for (const token of tokens) {
    const beginsWord = llamaTokenizer.vocabById[token.id]?.startsWith('▁') ?? false
    const group = groups.at(-1)
    if (beginsWord || !group) groups.push([token])
    else group.push(token)
  }
  return groups.map(group => ({ text: decode(group), tokens: group })).filter(word => word.text !== '')
}

function decode(tokens: Token[]): string {
  const ids = tokens.map(token => token.id)
  return llamaTokenizer.decode(ids, false, false).trim()
}

/** Basic optimisation: the further levels take half a second longer to load and run no faster. */
async function loadSession(name: string): Promise<ort.InferenceSession> {
  const file = new URL(`model/tiny/quantized/${name}`, import.meta.resolve('@moonshine-ai/moonshine-js'))
  const options: ort.InferenceSession.SessionOptions = {
    executionProviders: ['wasm'],
    graphOptimizationLevel: 'basic',
  }
  return ort.InferenceSession.create(await readFile(file), options)
}

async function listen(
  encoder: ort.InferenceSession,
  decoder: ort.InferenceSession,
  samples: Float32Array,
  known: readonly number[],
): Promise<Token[]> {
  const mostTokens = Math.trunc((samples.length / SAMPLE_RATE_HZ) * MOST_TOKENS_PER_SECOND)
  const encoded = await encoder.run({ input_values: new ort.Tensor('float32', samples, [1, samples.length]) })
  const heard = tensor(encoded, 'last_hidden_state')

  let cache = emptyCache()
  let pending = [START_TOKEN, ...known]
  const tokens: Token[] = []
  while (tokens.length < mostTokens) {
    const isFirst = tokens.length === 0
    const output = await decoder.run({
      input_ids: new ort.Tensor('int64', pending, [1, pending.length]),
      encoder_hidden_states: heard,
      use_cache_branch: new ort.Tensor('bool', [!isFirst]),
      ...cache,
    })
    const logits = logitsByPosition(tensor(output, 'logits'))
    if (isFirst) tokens.push(...known.map((id, position) => asToken(id, at(logits, position))))
    const token = mostProbable(at(logits, logits.length - 1))
    if (token.id === END_TOKEN) break
    cache = nextCache(cache, output, isFirst)
    tokens.push(token)
    pending = [token.id]
  }
  return tokens
}

type Cache = Record<string, ort.Tensor>

function emptyCache(): Cache {
  const cache: Cache = {}
  for (let layer = 0; layer < LAYERS; layer++) {
    for (const name of ['decoder.key', 'decoder.value', 'encoder.key', 'encoder.value']) {
      cache[`past_key_values.${layer}.${name}`] = new ort.Tensor('float32', [], [0, HEADS, 1, HEAD_SIZE])
    }
  }
  return cache
}

/** The encoder's part is computed with the first token and stays; with the cache in use it comes back empty. */
function nextCache(cache: Cache, output: ort.InferenceSession.OnnxValueMapType, isFirst: boolean): Cache {
  const entries = Object.entries(cache).map(([name, value]) => {
    const isCurrent = !isFirst && name.includes('encoder')
    return [name, isCurrent ? value : tensor(output, name.replace('past_key_values', 'present'))] as const
  })
  return Object.fromEntries(entries)
}

function logitsByPosition(logits: ort.Tensor): Float32Array[] {
  const { data, dims } = logits
  if (!(data instanceof Float32Array)) throw new Error(`The model's logits are ${logits.type}, not float32.`)
  const vocabularySize = dims.at(-1) ?? 0
  return Array.from({ length: data.length / vocabularySize }, (_, position) =>
    data.subarray(position * vocabularySize, (position + 1) * vocabularySize),
  )
}

function at(logits: Float32Array[], position: number): Float32Array {
  const found = logits[position]
  if (!found) throw new Error(`The model gave no logits for position ${position}.`)
  return found
}

function mostProbable(logits: Float32Array): Token {
  let id = 0
  let highest = Number.NEGATIVE_INFINITY
  logits.forEach((logit, index) => {
    if (logit <= highest) return
    highest = logit
    id = index
  })
  return asToken(id, logits)
}

/** A token with its softmax. */
function asToken(id: number, logits: Float32Array): Token {
  const chosen = logits[id] ?? Number.NEGATIVE_INFINITY
  return { id, probability: 1 / logits.reduce((total, logit) => total + Math.exp(logit - chosen), 0) }
}

function tensor(output: ort.InferenceSession.OnnxValueMapType, name: string): ort.Tensor {
  const value = output[name]
  if (!value) throw new Error(`The model gave no ${name}.`)
  return value
}
