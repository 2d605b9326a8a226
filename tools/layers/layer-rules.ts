/**
 * The layers of the workspace as data: which package may import what, and in which order the folders of core stand.
 *
 * Not for finding imports (`read-imports.ts`) nor for reporting them (`check-layers.ts`). Source: `docs/architecture.md`.
 */

/** What one package of the workspace may import from its `src` folder. */
export interface PackageLayer {
  /** Folder of the package, from the root of the workspace, with forward slashes. */
  readonly folder: string
  /** Packages of the workspace that stand below this one. */
  readonly below: readonly string[]
  /** Whether Node's built-in modules may be imported; where not, the package also runs in browsers. */
  readonly node: boolean
  /** Packages from outside, where the list is closed: exact names, or scopes that end in `/`. */
  readonly outside?: readonly string[]
  /** Folders inside `src`, lowest first, where their order is a rule. */
  readonly folders?: readonly string[]
  /** Additions to `outside` that hold in one folder of `src` only. */
  readonly outsideByFolder?: Readonly<Record<string, readonly string[]>>
}

/** Every package of the workspace that has layer rules, by name. */
export const layers: Readonly<Record<string, PackageLayer>> = {
  '@chain/core': {
    folder: 'packages/core',
    below: [],
    node: false,
    outside: ['@noble/', '@scure/base', '@scure/bip32'],
    outsideByFolder: { testing: ['fast-check'] },
    folders: [
      'errors',
      'bytes',
      'units',
      'crypto',
      'primitives',
      'script',
      'filters',
      'consensus',
      'chain',
      'mempool',
      'mining',
      'wallet',
      'testing',
    ],
  },
  '@chain/cli': { folder: 'packages/cli', below: ['@chain/core'], node: true, outside: ['commander'] },
  '@chain/storage': { folder: 'packages/storage', below: ['@chain/core'], node: true },
  '@chain/verifier': {
    folder: 'packages/verifier',
    below: ['@chain/core'],
    node: true,
    outside: ['secp256k1'],
  },
  '@chain/wire': { folder: 'packages/wire', below: ['@chain/core'], node: false },
  '@chain/p2p': { folder: 'packages/p2p', below: ['@chain/core', '@chain/wire'], node: true },
  '@chain/node': {
    folder: 'apps/node',
    below: ['@chain/core', '@chain/cli', '@chain/storage', '@chain/verifier', '@chain/wire', '@chain/p2p'],
    node: true,
  },
  '@chain/wallet': {
    folder: 'apps/wallet',
    below: ['@chain/core', '@chain/cli', '@chain/storage', '@chain/wire', '@chain/p2p'],
    node: true,
  },
}
