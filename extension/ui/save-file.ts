/** Has the browser save a text as a file among the downloads. No permission is needed for that. */
export function saveFile(name: string, contents: string, mediaType: string): void {
  const url = URL.createObjectURL(new Blob([contents], { type: `${mediaType};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The download has begun by then; the address is of no more use.
  setTimeout(() => URL.revokeObjectURL(url), 60_000)
}
