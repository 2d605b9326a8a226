/**
 * Opens the data directory: takes its lock, checks its data file, and hands out the stores in it.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { OperationalError } from '@chain/core/errors'
import { checkDataFile } from './data-file/check-data-file.ts'
import { Environment } from './environment.ts'
import { dataDirUnusable } from './errors.ts'
import { FilterIndex } from './filter-index.ts'
import { KnownPeers } from './known-peers.ts'
import { DATA_FILE } from './layout.ts'
import { LmdbChainStore } from './lmdb-chain-store.ts'
import { LmdbDatastore } from './lmdb-datastore.ts'
import { lockDirectory } from './lock.ts'
import { makeDataFile, removeUnfinishedFiles } from './make-data-file.ts'
import { migrate } from './migrations/migrate.ts'
import { makePrivateDirectory } from './private-directory.ts'
import { checkNetwork } from './store-identity.ts'
import { TransactionIndex } from './transaction-index.ts'

/** Which data directory to open, for which network, and how large it may grow. */
export interface OpenStoreOptions {
  /** The data directory; made when it is not there. */
  readonly directory: string
  /** Id of the network's chain spec, 8 hexadecimal digits. A new data file is made for it. */
  readonly specId: string
  /** Bytes of address space to reserve for the data file at first; it grows by itself. */
  readonly mapSize?: number
  /** Bytes of memory for cached coins; 64 MiB unless given, 0 for none. */
  readonly cacheSize?: number
  /** Most known peers to keep. */
  readonly knownPeersLimit?: number
  /** Told, in one sentence each, of damage that was repaired without loss that matters. */
  readonly report?: (sentence: string) => void
}

/** The open data directory. */
export interface DataStore {
  readonly directory: string
  readonly chainStore: LmdbChainStore
  readonly datastore: LmdbDatastore
  readonly knownPeers: KnownPeers
  /** Follows the chain only while `followIndex` says so. */
  readonly transactionIndex: TransactionIndex
  /** Follows the chain only while `followIndex` says so. */
  readonly filterIndex: FilterIndex
  /** Resolves when a write fails, as on a full disk: nothing more is stored then, and the process should end. */
  readonly failed: Promise<OperationalError>
  /** Waits for the writes under way, closes the data file and frees the directory. May be called again. */
  close(): Promise<void>
}

/**
 * Opens a data directory for this process alone.
 *
 * @throws {OperationalError} `data-dir-locked`, `data-dir-unusable`, `store-corrupt`, `store-schema-newer`,
 *   `store-wrong-network`, `store-read-only`, `store-disk-full`, `store-failed`
 */
export async function openStore(options: OpenStoreOptions): Promise<DataStore> {
  const { directory } = options
  makeDirectory(directory)
  const lock = await lockDirectory(directory, options.report)
  try {
    const file = join(directory, DATA_FILE)
    removeUnfinishedFiles(file)
    const environment = await openDataFile(file, options)
    return await openTables(environment, lock.release, options)
  } catch (error) {
    lock.release()
    throw error
  }
}

/** Makes the data directory, or checks its mode. @throws {OperationalError} `data-dir-unusable` */
export function makeDirectory(directory: string): void {
  try {
    makePrivateDirectory(directory)
  } catch (error) {
    throw dataDirUnusable(directory, error)
  }
}

/** Opens a data file after checking it; makes it where there is none. @throws {OperationalError} `store-*` */
export async function openDataFile(file: string, options: OpenStoreOptions): Promise<Environment> {
  if (!existsSync(file)) await makeDataFile(file, options.specId)
  checkDataFile(file)
  const environment = new Environment(file, options.mapSize)
  try {
    await migrate(environment)
    checkNetwork(environment, options.specId)
    return environment
  } catch (error) {
    await environment.close()
    throw error
  }
}

/** Hands out the stores in an open data file. @param release - frees the directory when the file is closed */
export async function openTables(
  environment: Environment,
  release: () => void,
  { directory, cacheSize, knownPeersLimit, report }: OpenStoreOptions,
): Promise<DataStore> {
  try {
    const knownPeers = await KnownPeers.open(environment, {
      ...(knownPeersLimit === undefined ? {} : { limit: knownPeersLimit }),
      ...(report === undefined ? {} : { report }),
    })
    const datastore = new LmdbDatastore(environment)
    const close = async (): Promise<void> => {
      await datastore.close()
      await environment.close()
      release()
    }
    const chainStore = new LmdbChainStore(environment, cacheSize)
    return {
      directory,
      chainStore,
      datastore,
      knownPeers,
      transactionIndex: new TransactionIndex(environment),
      filterIndex: new FilterIndex(environment),
      failed: environment.failed,
      close,
    }
  } catch (error) {
    await environment.close()
    throw error
  }
}
