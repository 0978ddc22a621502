import { beforeEach, describe, expect, test } from 'vitest'
import { extensionProblemCodes } from '../../../../extension/captions/view.ts'
import { problemText } from '../../../../extension/ui/problem-text.ts'
import { errorCodes } from '../../../../src/contracts/errors.ts'
import { jobErrorCodes } from '../../../../src/contracts/job-errors.ts'
import { languages, messagesOf, useLocale } from './locale-messages.ts'

const allCodes = [...new Set([...errorCodes, ...jobErrorCodes, ...extensionProblemCodes])]

/** Where nothing could have been charged: the listener was not signed in, or is not charged for what it is about. */
const aboutNoCharge = new Set(['email_taken'])

beforeEach(() => useLocale())

describe.each(languages())('in %s', language => {
  beforeEach(() => useLocale(language))

  test('every problem has a sentence, and every sentence a problem', () => {
    const keys = Object.keys(messagesOf(language)).filter(key => key.startsWith('problem_'))
    expect(keys.toSorted()).toEqual(allCodes.map(code => `problem_${code}`).toSorted())
  })

  test.each(allCodes)('%s leaves no gap where the API tells no numbers', code => {
    const sentence = problemText({ code, detail: '' })
    expect(sentence).not.toMatch(/\$|\bin \.|\s\s|undefined/)
  })
})

test.each(allCodes.filter(code => !aboutNoCharge.has(code)))(
  '%s says whether anything was charged, and ends in what to do',
  code => {
    const sentence = problemText({ code, detail: '' })
    expect(sentence).toMatch(/charged/)
    expect(sentence.split('. ').length).toBeGreaterThan(1)
    expect(sentence).toMatch(/\.$/)
  },
)

test('credits and waiting times are put into words', () => {
  const numbers = { detail: '', requiredCredits: 20, availableCredits: 1, retryAfterSeconds: 90 }
  expect(problemText({ code: 'insufficient_credits', ...numbers })).toContain(
    'needs 20 credits and you have 1 credit.',
  )
  expect(problemText({ code: 'too_many_requests', ...numbers })).toContain('Try again in 1 min.')
  expect(problemText({ code: 'too_many_requests', detail: '', retryAfterSeconds: 0 })).toContain('in 1 sec.')
})

test('where one code stands for many reasons, the API’s own sentence is told', () => {
  const detail = 'E-mail or password is wrong.'
  expect(problemText({ code: 'unauthenticated', detail })).toBe(detail)
  expect(problemText({ code: 'lease_over', detail })).not.toBe(detail)
})

test('a code that this version does not know is told in the API’s own sentence', () => {
  expect(problemText({ code: 'moon_in_the_way', detail: 'Wait for it.' })).toBe('Wait for it.')
})
