/** The protocol of chain: everything that `@chain/core/<folder>` exports, in one place. */
export * from './bytes/index.ts'
export * from './chain/index.ts'
export * from './crypto/index.ts'
export * from './errors/index.ts'
export * from './filters/index.ts'
export * from './primitives/index.ts'
export * from './script/index.ts'
export * from './units/index.ts'
