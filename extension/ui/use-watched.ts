import { useEffect, useState } from 'preact/hooks'

/**
 * Something that is read once and told of whenever it changes; undefined until it was read.
 *
 * @param read and `watch` must stay the same from render to render
 */
export function useWatched<Value>(
  read: () => Promise<Value>,
  watch: (onChange: (value: Value) => void) => () => void,
): Value | undefined {
  const [value, setValue] = useState<Value>()
  useEffect(() => {
    let told = false
    const stop = watch(changed => {
      told = true
      setValue(changed)
    })
    void read().then(first => {
      if (!told) setValue(first)
    })
    return stop
  }, [read, watch])
  return value
}
