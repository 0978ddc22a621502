import { readFile } from 'node:fs/promises'
import { compileErrors, validate } from '@readme/openapi-parser'
import { expect, test } from 'vitest'
import { createOpenApiDocument, openApiText } from '../../../scripts/openapi/document.ts'

test('docs/openapi.json is what the contracts say', async () => {
  const kept = await readFile(new URL('../../../docs/openapi.json', import.meta.url), 'utf8')
  expect(kept === openApiText(), 'docs/openapi.json is out of date. Run: npm run openapi').toBe(true)
})

test('the document is valid OpenAPI 3.1, and every reference in it leads somewhere', async () => {
  const document = JSON.parse(openApiText())
  const result = await validate(document)
  expect(result.valid ? '' : compileErrors(result)).toBe('')
})

test('the validator finds a reference to nothing and a field that is missing', async () => {
  const dangling = JSON.parse(openApiText())
  dangling.paths['/health'].get.responses['200'] = { $ref: '#/components/responses/Nothing' }
  await expect(validate(dangling)).resolves.toMatchObject({ valid: false })

  const untitled = JSON.parse(openApiText())
  delete untitled.info.title
  await expect(validate(untitled)).resolves.toMatchObject({ valid: false })
})

test('answers promise no end of fields: more may be added', () => {
  expect(JSON.stringify(createOpenApiDocument())).not.toContain('"additionalProperties":false')
})
