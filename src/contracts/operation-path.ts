import * as z from 'zod'

export const operationPathSchema = z.object({
  id: z.uuidv7('Give the operation_id that the API answered with.'),
})
