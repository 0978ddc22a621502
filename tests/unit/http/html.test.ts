import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { htmlPage } from '../../../src/http/html.ts'
import { headerOf } from '../support/answers.ts'

const page = htmlPage({
  title: 'Payment received',
  heading: 'Thank you.',
  text: 'Your credits arrive within seconds.',
  script: 'globalThis.told = true;',
})

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const policy = new Map(
  String(headerOf(page, 'content-security-policy'))
    .split(';')
    .map(directive => {
      const [name = '', ...sources] = directive.trim().split(' ')
      return [name, sources] as const
    }),
)

/** The text between two tags, as the browser hashes it. */
const between = (tag: string): string => {
  const [, text] = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(page.body ?? '') ?? []
  if (text === undefined) throw new Error(`The page has no ${tag}.`)
  return text
}

test('the policy allows exactly the page’s own style and script', () => {
  expect(policy.get('style-src')).toEqual([hashOf(between('style'))])
  expect(policy.get('script-src')).toEqual([hashOf(between('script'))])
  expect(policy.get('default-src')).toEqual(["'none'"])
  expect(page.body?.match(/<script/g)).toHaveLength(1)
  expect(page.body?.match(/<style/g)).toHaveLength(1)
})

test('the page can’t be framed, posts nowhere, sends no referrer and is kept by nobody', () => {
  expect(policy.get('frame-ancestors')).toEqual(["'none'"])
  expect(policy.get('form-action')).toEqual(["'none'"])
  expect(policy.get('base-uri')).toEqual(["'none'"])
  expect(page.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  })
})

test('the page says what happened, and fits a phone', () => {
  expect(page.body).toMatch(/^<!doctype html>\n<html lang="en">/)
  expect(between('title')).toBe('Payment received')
  expect(between('h1')).toBe('Thank you.')
  expect(page.body).toContain('<p role="status">Your credits arrive within seconds.</p>')
  expect(page.body).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">')
})

test('the page fetches nothing', () => {
  expect(page.body).not.toMatch(/\b(src|href|url)\s*[=(]/)
})
