/** Commands of `chain-node` that are killed at random moments: `npm run crash` does the same more often. */
import { testKills } from './crash/test-kills.ts'

testKills(['import', 'reindex', 'reindex-coins'])
