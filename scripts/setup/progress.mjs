/**
 * Says what is being done while it is done: in a terminal as one line that counts the seconds, elsewhere as a line
 * at the start and one at the end.
 *
 * @template T
 * @param {string} what like "Installing the dependencies"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withProgress(what, work) {
  const startedAt = Date.now()
  const seconds = () => Math.round((Date.now() - startedAt) / 1000)
  const terminal = process.stdout.isTTY
  const show = () => process.stdout.write(`\r${what} … ${seconds()} s`)
  if (terminal) show()
  else console.log(`${what} …`)
  const timer = terminal ? setInterval(show, 1000) : undefined
  try {
    const result = await work()
    if (terminal) process.stdout.write('\r')
    console.log(`${what}: done in ${seconds()} s.`)
    return result
  } catch (error) {
    if (terminal) process.stdout.write('\n')
    throw error
  } finally {
    clearInterval(timer)
  }
}
