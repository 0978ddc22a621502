import type { TranscriptFile } from '../../export/model.ts'

/** A download that has begun has its data; before that the address must stay good. */
const keptForMs = 60_000

/** Hands a file to the browser's downloads, which needs no permission. */
export function saveFile({ fileName, mediaType, contents }: TranscriptFile): void {
  const url = URL.createObjectURL(new Blob([contents], { type: mediaType }))
  const link = document.createElement('a')
  link.href = url
  link.download = fileName
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), keptForMs)
}
