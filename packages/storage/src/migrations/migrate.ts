/**
 * Brings a data file up to the schema of this program.
 *
 * Migrations only go forward, one version at a time. The version is written after a migration has finished, so a
 * migration that was interrupted runs again: each must bear that.
 */

import type { Environment } from '../environment.ts'
import { storeCorrupt, storeSchemaNewer } from '../errors.ts'
import { SCHEMA_VERSION } from '../layout.ts'
import { readSchema, schemaRow } from '../store-identity.ts'

/** One step from a schema version to the next. */
export interface Migration {
  /** The version that it makes. */
  readonly to: number
  /** Rewrites what changed; runs again when it was interrupted. */
  run(environment: Environment): Promise<void>
}

/**
 * Every migration there is, in order.
 *
 * - 2 adds the tables `transactions` and `filters`, which are made when the file is opened
 */
const migrations: readonly Migration[] = [{ to: 2, run: () => Promise.resolve() }]

/**
 * Runs the migrations that a data file lacks.
 *
 * @throws {OperationalError} `store-schema-newer`, `store-corrupt`, `store-*`
 */
export async function migrate(
  environment: Environment,
  steps: readonly Migration[] = migrations,
  target: number = SCHEMA_VERSION,
): Promise<void> {
  let version = readSchema(environment)
  if (version > target) throw storeSchemaNewer(environment.file, version, target)
  while (version < target) {
    const step = steps.find(({ to }) => to === version + 1)
    if (step === undefined) throw storeCorrupt(environment.file, `its schema version is ${version}`)
    await step.run(environment)
    await environment.write([schemaRow(step.to)])
    version = step.to
  }
}
