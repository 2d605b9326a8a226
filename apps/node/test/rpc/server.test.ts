import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { authorization } from '../../src/rpc/cookie.ts'
import type { RpcDispatcher } from '../../src/rpc/dispatcher.ts'
import { MAX_CONNECTIONS, MAX_REQUEST_LENGTH, type RpcServer, startRpcServer } from '../../src/rpc/server.ts'
import { patience } from '../patience.ts'

const cookie = '__cookie__:0123'
const headers = { authorization: authorization(cookie) }

/** Answers what it was sent. */
const echo: RpcDispatcher = (text) => Promise.resolve({ status: 200, body: text })

async function serve(dispatch: RpcDispatcher = echo): Promise<RpcServer> {
  const server = await startRpcServer({ bind: '127.0.0.1', port: 0, cookie, dispatch })
  onTestFinished(() => server.close())
  return server
}

describe('the RPC server', () => {
  it('answers whoever has the cookie, whatever content type they send', async () => {
    const { url } = await serve()
    for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': type },
        body: '{"id":1}',
      })
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toContain('application/json')
      expect(await response.text()).toBe('{"id":1}')
    }
  })

  it.each([undefined, 'Basic !!', authorization('__cookie__:4567'), 'Bearer 0123'])(
    'refuses the authorization %j with 401',
    async (value) => {
      const { url } = await serve()
      const response = await fetch(url, {
        method: 'POST',
        headers: value === undefined ? {} : { authorization: value },
        body: '{}',
      })
      expect(response.status).toBe(401)
      expect(response.headers.get('www-authenticate')).toBe('Basic realm="jsonrpc"')
      expect(await response.text()).toBe('')
    },
  )

  it('does not read the body of a stranger', async () => {
    const { url } = await serve()
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const call = request(url, { method: 'POST', headers: { 'content-length': '1000000' } })
      call.on('response', (response) => {
        resolve(response.statusCode)
        call.destroy()
      })
      call.on('error', reject)
      call.write('only the beginning')
    })
    expect(status).toBe(401)
  })

  it('refuses too long requests with 413, other paths with 404 and other methods with 405', async () => {
    const { url } = await serve()
    const body = ' '.repeat(MAX_REQUEST_LENGTH + 1)
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(413)
    expect((await fetch(`${url}/wallet/`, { method: 'POST', headers, body: '{}' })).status).toBe(404)
    const get = await fetch(url, { headers })
    expect(get.status).toBe(405)
    expect(await get.text()).toBe('JSONRPC server handles only POST requests\n')
  })

  it('closes connections beyond its bound, and takes new ones when others have gone', async () => {
    const { url } = await serve()
    const port = Number(new URL(url).port)
    const sockets = await Promise.all(
      Array.from({ length: MAX_CONNECTIONS }, async () => {
        const socket = connect(port, '127.0.0.1')
        await once(socket, 'connect')
        return socket
      }),
    )
    await once(connect(port, '127.0.0.1').resume(), 'close')
    for (const socket of sockets) socket.destroy()
    await expect
      .poll(
        () => fetch(url, { method: 'POST', headers, body: '{}' }).then(({ status }) => status, String),
        patience,
      )
      .toBe(200)
  })

  it('gives the status that the dispatcher chose, without a body where there is none', async () => {
    const { url } = await serve(() => Promise.resolve({ status: 204 }))
    const response = await fetch(url, { method: 'POST', headers, body: '{}' })
    expect(response.status).toBe(204)
    expect(await response.text()).toBe('')
  })

  it('sends an answer in pieces, and ends it in the middle when a piece fails', async () => {
    async function* pieces(): AsyncGenerator<string> {
      yield 'one, '
      yield 'two'
    }
    const { url } = await serve(() => Promise.resolve({ status: 200, body: pieces() }))
    const response = await fetch(url, { method: 'POST', headers, body: '{}' })
    expect(response.headers.get('content-type')).toContain('application/json')
    expect(await response.text()).toBe('one, two')
    async function* broken(): AsyncGenerator<string> {
      yield* pieces()
      throw new Error('on purpose')
    }
    const other = await serve(() => Promise.resolve({ status: 200, body: broken() }))
    const cut = fetch(other.url, { method: 'POST', headers, body: '{}' }).then((answer) => answer.text())
    await expect(cut).rejects.toThrow()
  })

  it('tells a method that its client is gone', async () => {
    const aborted = Promise.withResolvers<void>()
    const begun = Promise.withResolvers<void>()
    const { url } = await serve((_text, signal) => {
      begun.resolve()
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          aborted.resolve()
          resolve({ status: 200 })
        })
      })
    })
    const call = request(url, { method: 'POST', headers })
    call.on('error', () => undefined)
    call.end('{}')
    await begun.promise
    call.destroy()
    await aborted.promise
  })

  it('lets answers under way go out when it closes', async () => {
    const begun = Promise.withResolvers<void>()
    const server = await serve((_text, signal) => {
      begun.resolve()
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve({ status: 200, body: 'last words' }))
      })
    })
    const response = fetch(server.url, { method: 'POST', headers, body: '{}' })
    await begun.promise
    await server.close()
    expect(await (await response).text()).toBe('last words')
    await expect(fetch(server.url, { method: 'POST', headers, body: '{}' })).rejects.toThrow()
  })

  it('names the port when it is in use', async () => {
    const { url } = await serve()
    const port = Number(new URL(url).port)
    await expect(startRpcServer({ bind: '127.0.0.1', port, cookie, dispatch: echo })).rejects.toThrow(
      `Port ${port} is in use by another program (127.0.0.1:${port})`,
    )
  })
})
