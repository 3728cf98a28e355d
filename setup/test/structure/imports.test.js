import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTest } from '../tree.js';
import { findCycle, IMPORTS, importsIn } from './import-graph.js';

/**
 * Who may import whom (docs/architecture.md). A file belongs to the first part whose path begins its own; a part may always
 * import itself. Parts of the server that are not listed for one another meet in `server/src/server.ts` only.
 * @type {readonly { part: string, may: readonly string[] | 'all' }[]}
 */
const RULES = [
  { part: 'protocol/src/', may: [] },
  { part: 'client/src/', may: ['protocol/src/'] },
  { part: 'web/src/', may: ['client/src/', 'protocol/src/'] },
  { part: 'media-plane/src/', may: [] },
  { part: 'server/src/session.ts', may: ['protocol/src/', 'server/src/media/media-plane.ts'] },
  { part: 'server/src/config/', may: ['protocol/src/', 'server/src/start-error.ts'] },
  { part: 'server/src/auth/', may: ['protocol/src/', 'server/src/session.ts', 'server/src/config/'] },
  { part: 'server/src/store/', may: ['protocol/src/', 'server/src/config/'] },
  { part: 'server/src/directory/', may: ['protocol/src/', 'server/src/store/'] },
  { part: 'server/src/signalling/', may: ['protocol/src/', 'server/src/session.ts'] },
  {
    part: 'server/src/http/api/',
    may: [
      ['protocol/src/', 'server/src/session.ts', 'server/src/auth/', 'server/src/http/refusal.ts', 'server/src/store/'],
      ['server/src/directory/'],
      ['server/src/audit/audit.ts', 'server/src/sessions/sessions.ts', 'server/src/webhooks/webhooks.ts'],
      ['server/src/timeline/'],
    ].flat(),
  },
  {
    part: 'server/src/http/',
    may: [
      ['protocol/src/', 'server/src/session.ts', 'server/src/start-error.ts', 'server/src/media/media-plane.ts'],
      ['server/src/auth/', 'server/src/config/'],
    ].flat(),
  },
  { part: 'server/src/room/', may: ['protocol/src/', 'server/src/session.ts'] },
  { part: 'server/src/media/native.ts', may: ['server/src/media/', 'media-plane/src/'] },
  { part: 'server/src/media/', may: [] },
  { part: 'server/src/negotiation/', may: ['protocol/src/', 'server/src/session.ts', 'server/src/media/media-plane.ts'] },
  {
    part: 'server/src/conference/',
    may: [
      'protocol/src/',
      'server/src/session.ts',
      'server/src/room/',
      'server/src/negotiation/',
      'server/src/media/media-plane.ts',
    ],
  },
  { part: 'server/src/timeline/', may: ['server/src/session.ts', 'server/src/media/media-plane.ts'] },
  { part: 'server/src/reach/', may: ['server/src/media/media-plane.ts'] },
  { part: 'server/src/audit/', may: ['protocol/src/', 'server/src/session.ts', 'server/src/store/'] },
  { part: 'server/src/webhooks/', may: ['protocol/src/', 'server/src/session.ts', 'server/src/store/'] },
  {
    part: 'server/src/sessions/',
    may: ['protocol/src/', 'server/src/session.ts', 'server/src/store/', 'server/src/webhooks/event.ts'],
  },
  { part: 'server/src/', may: 'all' },
  { part: 'backend/src/', may: ['protocol/src/'] },
  { part: 'nestjs/src/', may: ['backend/src/', 'protocol/src/'] },
  { part: 'cli/src/', may: ['server/src/index.ts', 'server/settings', 'backend/src/', 'protocol/src/'] },
];

/** @param {string} path */
const ruleOf = path => RULES.find(({ part }) => path.startsWith(part));

/** @param {readonly import('./import-graph.js').Import[]} imports */
function violations(imports) {
  return imports.flatMap(({ from, to }) => {
    const rule = ruleOf(from);
    if (to === undefined || rule === undefined || rule.may === 'all') return [];
    const allowed = to.startsWith(rule.part) || rule.may.some(part => to.startsWith(part));
    return allowed ? [] : [`${from} imports ${to}`];
  });
}

test('each part imports only what the architecture lets it', () => {
  assert.deepEqual(violations(IMPORTS), []);
});

test('the rules catch what they forbid', () => {
  const bad = [
    ...importsIn('server/src/signalling/aq/socket.ts', "import type { Room } from '../../room/room.ts';"),
    ...importsIn('server/src/room/room.ts', "import {\n  a,\n} from '../signalling/aq/socket.ts';"),
    ...importsIn('server/src/http/health.ts', "import '@aqlinks/media-plane';"),
    ...importsIn('protocol/src/index.ts', "export * from '@aqlinks/client';"),
    ...importsIn('client/src/index.ts', "const x = await import('@aqlinks/server');"),
  ];
  assert.equal(violations(bad).length, 5);
});

test('every source file is under a rule', () => {
  const sources = new Set(IMPORTS.map(({ from }) => from).filter(path => /^[^/]+\/src\//.test(path) && !isTest(path)));
  const free = [...sources].filter(path => ruleOf(path) === undefined && !path.startsWith('bench/'));
  assert.deepEqual(free, []);
});

test('only the hatch imports the addon', () => {
  const users = IMPORTS.filter(({ from, specifier }) => specifier.startsWith('@aqlinks/media-plane') && !isTest(from));
  assert.deepEqual([...new Set(users.map(({ from }) => from))], ['server/src/media/native.ts']);
});

test('what the browser loads imports nothing of Node', () => {
  const browser = IMPORTS.filter(({ from }) => /^(protocol|client|web)\/src\//.test(from) && from !== 'web/src/index.ts');
  assert.deepEqual(
    browser.filter(({ specifier }) => specifier.startsWith('node:')).map(({ from }) => from),
    [],
  );
});

test('no imports go in circles', () => {
  assert.deepEqual(findCycle(IMPORTS), undefined);
});

test('a circle is found', () => {
  const circle = [
    ...importsIn('a/a.ts', "import './b.ts';"),
    ...importsIn('a/b.ts', "import type { C } from './c.ts';"),
    ...importsIn('a/c.ts', "export * from './a.ts';"),
  ];
  assert.deepEqual(findCycle(circle), ['a/a.ts', 'a/b.ts', 'a/c.ts', 'a/a.ts']);
});
