/**
 * Whether a version like "20.19.4" is at least a minimum like "20.19". Parts that are missing count as 0, and
 * what follows a number ("1.2.3-beta") is left out of account.
 *
 * @param {string} version
 * @param {string} minimum
 * @returns {boolean}
 */
export function isAtLeast(version, minimum) {
  const found = numbersOf(version)
  const wanted = numbersOf(minimum)
  const differences = wanted.map((number, i) => (found[i] ?? 0) - number)
  return (differences.find(difference => difference !== 0) ?? 0) >= 0
}

/** @param {string} version */
function numbersOf(version) {
  return version.split('.').map(part => Number.parseInt(part, 10) || 0)
}
