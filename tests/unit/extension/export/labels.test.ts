import { beforeEach, expect, test } from 'vitest'
import { exportLabels } from '../../../../extension/export/labels.ts'
import { gapReasons } from '../../../../extension/transcript/model.ts'
import { useLocale } from '../ui/locale-messages.ts'

beforeEach(() => useLocale())

test('a gap is told with its length and its reason', () => {
  expect(gapReasons.map(reason => exportLabels().gap(reason, 12_000))).toEqual([
    '[12 sec without captions: no network]',
    '[12 sec without captions: they were interrupted]',
    '[12 sec without captions: no credits were left]',
  ])
})

test('nothing that a file says is empty', () => {
  const { gap: _, captionedOn, cited, ...words } = exportLabels()
  const said = [...Object.values(words), captionedOn('today'), cited('0:12')]
  expect(said.filter(text => text === '')).toEqual([])
  expect(said).toEqual(expect.arrayContaining(['Captioned on today', 'From 0:12']))
})
