import type { Config } from '../config.ts'
import { nodeSecrets } from '../security/secrets.ts'
import type { askModel } from '../timing.ts'
import { OpenAiLanguageModel } from '../upstream/openai/language-model.ts'

export const wireModel = ({ openai }: Config<'openai'>, limits: typeof askModel) =>
  new OpenAiLanguageModel({
    apiKey: openai.OPENAI_API_KEY,
    baseUrl: openai.OPENAI_API_URL,
    model: openai.OPENAI_MODEL,
    reasoningEffort: openai.OPENAI_REASONING_EFFORT,
    ...limits,
    pseudonym: userId => nodeSecrets.digest(userId),
  })
