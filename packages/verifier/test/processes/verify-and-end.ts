/**
 * Verifies a list with nothing else that keeps the process alive, says what was found, and ends without closing.
 */
import { createVerifier } from '../../src/create-verifier.ts'
import { repeated, rightChecks, withWrong } from '../signed-digests.ts'

const checks = repeated(rightChecks(20), 2_000)
const verifier = createVerifier({ threads: 2, engine: 'native' })
await verifier.findInvalid(checks)
void verifier.findInvalid(withWrong(checks, 1_999)).then((position) => console.log(position))
