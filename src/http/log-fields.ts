/** What a log line tells beside its code: ids, codes and numbers, nothing secret or personal. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>
