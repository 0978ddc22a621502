import { confirm, input } from '@inquirer/prompts'

/** Questions to whoever deploys. Where nobody can answer, both say no. */
export interface Ask {
  /** Whether somebody is there to answer. */
  readonly isAnswered: boolean
  yes(question: string): Promise<boolean>
  /** Whether exactly `word` was typed. */
  typed(question: string, word: string): Promise<boolean>
}

export const askInTerminal: Ask = {
  isAnswered: true,
  yes: question => confirm({ message: question, default: true }),
  typed: async (question, word) => (await input({ message: question })).trim() === word,
}

export const askNobody: Ask = {
  isAnswered: false,
  yes: () => Promise.resolve(false),
  typed: () => Promise.resolve(false),
}
