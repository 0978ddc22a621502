/** Languages that the speech service captions live, but for `multi`, which is several of them. */
const spoken = ['en', 'es', 'fr', 'de', 'it', 'pt']

/** The languages to choose from with their names, by name; one that was chosen before is never left out. */
export function spokenLanguages(chosen: string, language: string): { code: string; name: string }[] {
  const names = new Intl.DisplayNames(language, { type: 'language' })
  const codes = /^[a-z]{2}$/.test(chosen) ? [...new Set([...spoken, chosen])] : spoken
  return codes
    .map(code => ({ code, name: names.of(code) ?? code }))
    .toSorted((a, b) => a.name.localeCompare(b.name, language))
}
