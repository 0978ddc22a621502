import { wireReconcile } from '../../wiring/reconcile.ts'
import { createHandler } from '../reconcile.ts'

export const handler = createHandler(await wireReconcile())
