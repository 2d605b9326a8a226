/** A chain and its indexes whose process is killed at random moments: `npm run crash` does the same more often. */
import { testKills } from './crash/test-kills.ts'

testKills(['reorganisation', 'pruning', 'indexing', 'mixture'])
