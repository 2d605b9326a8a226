/** Loaded before a program: writes the URL of each module that the program loads on a line of the file `MODULES_FILE`. */
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, nextLoad) {
    appendFileSync(process.env.MODULES_FILE ?? '', `${url}\n`)
    return nextLoad(url, context)
  },
})
