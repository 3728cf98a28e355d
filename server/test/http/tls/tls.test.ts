import assert from 'node:assert/strict';
import { once } from 'node:events';
import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { connect as connectPlain } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { WebSocket } from 'ws';
import { expiryWarning, readCertificate } from '../../../src/http/tls/certificate.ts';
import { newServer, type TestServer } from '../../support/new-server.ts';
import { newCertificate, newFolder, type TestCertificate } from './certificates.ts';

/** The name of the certificate that a new connection is shown. */
async function servedName(server: TestServer): Promise<string> {
  const socket = connect({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return String(CN);
}

async function newMember(t: TestContext, server: TestServer, { pem }: TestCertificate): Promise<WebSocket> {
  const socket = new WebSocket(`${server.webSocketUrl}?token=${await server.token()}`, { ca: pem });
  t.after(() => socket.terminate());
  await once(socket, 'message');
  return socket;
}

test('with a certificate HTTPS and WSS are served, and every address that is told says so', async t => {
  const certificate = newCertificate(newFolder(t), 'first');
  const server = await newServer(t, {
    tlsCert: certificate.cert,
    tlsKey: certificate.key,
    allowedOrigins: ['https://elsewhere.example'],
  });
  assert.match(server.origin, /^https:\/\/127\.0\.0\.1:\d+$/);
  assert.match(server.webSocketUrl, /^wss:/);
  const socket = await newMember(t, server, certificate);
  assert.equal(socket.readyState, WebSocket.OPEN);
  const ours = new WebSocket(`${server.webSocketUrl}?token=${await server.token()}`, {
    ca: certificate.pem,
    origin: server.origin,
  });
  t.after(() => ours.terminate());
  await once(ours, 'message'); // our own page, whose origin is https
});

test('a connection that never finishes the handshake of TLS, or speaks HTTP, harms nobody', async t => {
  const certificate = newCertificate(newFolder(t), 'first');
  const server = await newServer(t, { tlsCert: certificate.cert, tlsKey: certificate.key });
  for (const bytes of ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', '\u0016\u0003\u0001\u0000\u0005hello']) {
    const socket = connectPlain(server.port, '127.0.0.1');
    t.after(() => socket.destroy());
    socket.on('error', () => {}).resume();
    socket.write(bytes, 'latin1');
    await once(socket, 'close');
  }
  await newMember(t, server, certificate);
  assert.ok(!server.log.some(line => line.includes('bug of aqlinks')));
});

/** How certificates are renewed in the field: each puts another certificate where the first stood. */
const RENEWALS: Record<
  string,
  (folder: string) => { files: { cert: string; key: string }; renew: (next: TestCertificate) => void }
> = {
  'written over'(folder) {
    const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
    const renew = (next: TestCertificate) => {
      copyFileSync(next.cert, files.cert);
      copyFileSync(next.key, files.key);
    };
    return { files, renew };
  },
  renamed(folder) {
    const files = { cert: join(folder, 'tls.crt'), key: join(folder, 'tls.key') };
    const renew = (next: TestCertificate) => {
      renameSync(next.key, files.key);
      renameSync(next.cert, files.cert);
    };
    return { files, renew };
  },
  'linked anew, as certbot does'(folder) {
    const files = { cert: join(folder, 'fullchain.pem'), key: join(folder, 'privkey.pem') };
    const renew = (next: TestCertificate) => {
      for (const [target, link] of [
        [next.cert, files.cert],
        [next.key, files.key],
      ] as const) {
        symlinkSync(target, `${link}.new`);
        renameSync(`${link}.new`, link);
      }
    };
    return { files, renew };
  },
  'swapped as a folder, as Kubernetes does'(folder) {
    const files = { cert: join(folder, 'mount', 'tls.crt'), key: join(folder, 'mount', 'tls.key') };
    mkdirSync(join(folder, 'mount'));
    symlinkSync('..data/tls.crt', files.cert);
    symlinkSync('..data/tls.key', files.key);
    let version = 0;
    const renew = (next: TestCertificate) => {
      version += 1;
      const data = join(folder, 'mount', `..${version}`);
      mkdirSync(data);
      copyFileSync(next.cert, join(data, 'tls.crt'));
      copyFileSync(next.key, join(data, 'tls.key'));
      symlinkSync(`..${version}`, join(folder, 'mount', '..data_tmp'));
      renameSync(join(folder, 'mount', '..data_tmp'), join(folder, 'mount', '..data'));
    };
    return { files, renew };
  },
};

for (const [how, prepare] of Object.entries(RENEWALS)) {
  test(`a certificate that is ${how} is served to the next connection, and running calls go on`, async t => {
    const folder = newFolder(t);
    const { files, renew } = prepare(folder);
    const first = newCertificate(folder, 'first');
    renew(first);
    const server = await newServer(t, { tlsCert: files.cert, tlsKey: files.key });
    const member = await newMember(t, server, first);
    assert.equal(await servedName(server), 'first');
    const taken = server.nextLine('Took the new certificate');
    renew(newCertificate(folder, 'second'));
    await taken;
    assert.equal(await servedName(server), 'second');
    assert.equal(member.readyState, WebSocket.OPEN);
  });
}

test('a new certificate that cannot be used leaves the old one, is told once, and is forgotten when it is mended', async t => {
  const folder = newFolder(t);
  const first = newCertificate(folder, 'first');
  const server = await newServer(t, { tlsCert: first.cert, tlsKey: first.key });
  const other = newCertificate(folder, 'other');
  for (const broken of [readFileSync(other.cert), 'no certificate at all']) {
    const told = server.nextLine('the old one stays');
    writeFileSync(first.cert, broken);
    assert.match(await told, /TLS_(CERT|KEY): /);
    assert.equal(await servedName(server), 'first');
  }
  const taken = server.nextLine('Took the new certificate');
  copyFileSync(other.key, first.key);
  copyFileSync(other.cert, first.cert);
  await taken;
  assert.equal(await servedName(server), 'other');
  assert.equal(server.log.filter(line => line.includes('the old one stays')).length, 2);
  assert.ok(!server.log.join('').includes('PRIVATE KEY'));
});

test('a certificate that cannot be served does not let the server start, and says why', async t => {
  const folder = newFolder(t);
  const first = newCertificate(folder, 'first');
  const other = newCertificate(folder, 'other');
  const noise = join(folder, 'noise');
  writeFileSync(noise, '-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n');
  const wrong: [cert: string, key: string, why: RegExp][] = [
    [join(folder, 'missing'), first.key, /^TLS_CERT: the file .*missing cannot be read: ENOENT/],
    [first.cert, join(folder, 'missing'), /^TLS_KEY: the file .*missing cannot be read: ENOENT/],
    [noise, first.key, /^TLS_CERT: .*noise holds no certificate in PEM/],
    [first.cert, noise, /^TLS_KEY: .*noise holds no private key in PEM/],
    [first.cert, other.key, /^TLS_KEY: .*other\.key is not the key of the certificate in .*first\.crt/],
  ];
  for (const [cert, key, why] of wrong) {
    await assert.rejects(readCertificate({ cert, key }), { message: why });
  }
  await assert.rejects(newServer(t, { tlsCert: first.cert }), /TLS_CERT and TLS_KEY: set both/);
});

test('a certificate that expires soon or has expired is told, and stands in the metrics', async t => {
  const first = newCertificate(newFolder(t), 'first');
  const certificate = await readCertificate(first);
  const day = 86_400_000;
  assert.equal(expiryWarning(certificate, Date.now()), undefined);
  assert.match(expiryWarning(certificate, Date.now() + 20 * day) ?? '', /DNS:localhost.* expires on 20/);
  assert.match(expiryWarning(certificate, Date.now() + 31 * day) ?? '', /has expired on 20/);
  const server = await newServer(t, { tlsCert: first.cert, tlsKey: first.key });
  const [response] = (await once(get(`${server.origin}/metrics`, { ca: first.pem }), 'response')) as [IncomingMessage];
  const metrics = (await response.toArray()).join('');
  assert.ok(metrics.includes(`aqlinks_tls_certificate_expiry_timestamp_seconds ${certificate.expiresAt / 1_000}\n`));
});
