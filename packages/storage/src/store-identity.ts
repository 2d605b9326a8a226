/**
 * What a data file says of itself: the version of its schema and the network it belongs to.
 */
import { openSealed, sealValue } from './codecs.ts'
import type { Environment, RowWrite } from './environment.ts'
import { storeCorrupt, storeWrongNetwork } from './errors.ts'
import { type MetaName, metaKey } from './layout.ts'

/** The row that states a schema version. */
export function schemaRow(version: number): RowWrite {
  const value = new Uint8Array(4)
  new DataView(value.buffer).setUint32(0, version, true)
  return sealedRow(metaKey('schema'), value)
}

/** The row that states a network, by its spec id. */
export function networkRow(specId: string): RowWrite {
  return sealedRow(metaKey('network'), Buffer.from(specId, 'latin1'))
}

function sealedRow(key: Uint8Array, value: Uint8Array): RowWrite {
  return { table: 'meta', key, value: sealValue(key, value) }
}

/** The schema version of a data file. @throws {OperationalError} `store-corrupt` */
export function readSchema(environment: Environment): number {
  const value = readMeta(environment, 'schema')
  if (value.length !== 4) throw storeCorrupt(environment.file, 'its schema version is malformed')
  return new DataView(value.buffer, value.byteOffset).getUint32(0, true)
}

/** Checks the network of a data file. @throws {OperationalError} `store-wrong-network`, `store-corrupt` */
export function checkNetwork(environment: Environment, specId: string): void {
  const found = Buffer.from(readMeta(environment, 'network')).toString('latin1')
  if (found !== specId) throw storeWrongNetwork(environment.file, found, specId)
}

function readMeta(environment: Environment, name: MetaName): Uint8Array {
  const key = metaKey(name)
  const sealed = environment.get('meta', key)
  if (sealed === undefined) throw storeCorrupt(environment.file, `it does not state its ${name}`)
  try {
    return openSealed(key, sealed)
  } catch (error) {
    throw storeCorrupt(environment.file, `the row ${name} does not match its checksum`, error)
  }
}
