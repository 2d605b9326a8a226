/**
 * The cookie: a password that is new at each start and lies in the data directory, so that whoever may read the
 * directory may command the node.
 *
 * Source: Bitcoin Core, `GenerateAuthCookie`
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { readFileIfThere, replacePrivateFile } from '@chain/cli'

/** File of the cookie inside the data directory. */
export const COOKIE_FILE = 'rpc.cookie'

/** User name of the cookie. */
const USER = '__cookie__'

/** Makes a new cookie and writes it: `__cookie__:` and 64 hexadecimal digits. */
export function createCookie(directory: string): string {
  const cookie = `${USER}:${randomBytes(32).toString('hex')}`
  replacePrivateFile(join(directory, COOKIE_FILE), cookie)
  return cookie
}

/** The cookie of the node that runs on a data directory, or `undefined` when there is none. */
export function readCookie(directory: string): string | undefined {
  return readFileIfThere(join(directory, COOKIE_FILE))?.trim()
}

/** Removes the cookie when it is still ours. */
export function removeCookie(directory: string, cookie: string): void {
  if (readCookie(directory) === cookie) rmSync(join(directory, COOKIE_FILE), { force: true })
}

/** The `Authorization` header for a cookie. Source: RFC 7617 */
export function authorization(cookie: string): string {
  return `Basic ${Buffer.from(cookie).toString('base64')}`
}

/** Whether an `Authorization` header carries the cookie; takes equally long for all wrong ones. */
export function isAuthorized(header: string | undefined, cookie: string): boolean {
  return timingSafeEqual(digest(header ?? ''), digest(authorization(cookie)))
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
