// jose, as other programs use it, for the tests beside it: a line of JSON in, a line of JSON out.
import { createInterface } from 'node:readline'
import * as jose from 'jose'

// A list of keys for each address. What it says is kept for as long as the server allows and never
// fetched before that, whatever key a token names: so a key that signs before all know it shows.
const lists = new Map()

function list(url, maxAge) {
  if (!lists.has(url)) {
    lists.set(url, jose.createRemoteJWKSet(new URL(url), {
      cacheMaxAge: maxAge * 1000, cooldownDuration: Infinity,
    }))
  }
  return lists.get(url)
}

const options = ({ issuer }) => ({ issuer, algorithms: ['ES256'] })

const jobs = {
  async verify(job) {
    return (await jose.jwtVerify(job.token, list(job.url, job.maxAge), options(job))).payload
  },

  async pem(job) {
    const key = await jose.importSPKI(job.pem, 'ES256')
    return (await jose.jwtVerify(job.token, key, options(job))).payload
  },

  async thumbprint({ jwk }) {
    return jose.calculateJwkThumbprint(jwk)
  },

  async generate({ form }) {
    const { privateKey } = await jose.generateKeyPair('ES256', { extractable: true })
    return form === 'pem' ? jose.exportPKCS8(privateKey)
      : { ...await jose.exportJWK(privateKey), kid: 'of-jose', use: 'sig', alg: 'ES256' }
  },

  // A token by a key that may be ours, whatever its header says.
  async sign({ header, payload, jwk }) {
    const key = await jose.importJWK(jwk, header.alg)
    return new jose.SignJWT(payload).setProtectedHeader(header).sign(key)
  },

  // The public key rides along, signed by its private half.
  async embed({ payload, header }) {
    const { publicKey, privateKey } = await jose.generateKeyPair(header.alg, { extractable: true })
    const jwk = await jose.exportJWK(publicKey)
    return new jose.SignJWT(payload).setProtectedHeader({ ...header, jwk }).sign(privateKey)
  },

  async unsecured({ payload }) {
    return new jose.UnsecuredJWT(payload).encode()
  },
}

for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line)
  const answer = await jobs[job.job](job).then((result) => ({ result }), (error) => ({
    error: error.code ?? error.name, message: error.message,
  }))
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
