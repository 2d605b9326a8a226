/** The version of a program, from its `package.json`. */
import { readFileSync } from 'node:fs'

/** The version in a `package.json`, such as `0.1.0`. */
export function packageVersion(manifest: URL): string {
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }
  return version
}
