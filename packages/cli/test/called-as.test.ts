import { expect, it } from 'vitest'
import { calledAs } from '../src/called-as.ts'

it.each([
  ['/usr/local/bin/chain-cup', 'chain-cup'],
  ['/home/me/project/node_modules/.bin/chain-cup', 'npx chain-cup'],
  ['/home/me/chain/apps/cup/src/main.ts', 'npx chain-cup'],
  ['', 'npx chain-cup'],
])('the program in %j is called as %s', (file, command) => {
  expect(calledAs('chain-cup', file)).toBe(command)
})
