import { expect, it } from 'vitest'
import { packageVersion } from '../src/package-version.ts'

it('the version of a program is that of its package', () => {
  expect(packageVersion(new URL('../package.json', import.meta.url))).toMatch(/^\d+\.\d+\.\d+$/)
})
