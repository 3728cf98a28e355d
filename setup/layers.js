/**
 * The layers of tests, in the order in which `npm test` runs them: cheap ones first.
 *
 * @typedef {import('./prepare.js').StepName} StepName
 * @typedef {'rust' | 'rust-linters' | 'chromium' | 'firefox' | 'curl' | 'coturn' | 'ip' | 'postgres' | 'openssl' | 'schemathesis'} Tool
 * @typedef {object} Layer
 * @property {string} name
 * @property {readonly string[]} [files] globs of node:test files; absent: `cargo test`
 * @property {readonly StepName[]} steps what must be built before
 * @property {readonly Tool[]} [tools] what must be installed before
 * @property {number} minutes after which it is ended and has failed
 * @property {boolean} [alone] one file at a time
 */

/** @type {readonly Layer[]} */
export const LAYERS = [
  { name: 'setup', files: ['setup/test/setup/**/*.test.js'], steps: ['packages'], minutes: 3 },
  { name: 'structure', files: ['setup/test/structure/**/*.test.js'], steps: ['packages'], tools: ['rust'], minutes: 3 },
  {
    name: 'lint',
    files: ['setup/test/lint/**/*.test.js'],
    steps: ['packages'],
    tools: ['rust-linters'],
    minutes: 15,
    alone: true,
  },
  { name: 'protocol', files: ['protocol/test/**/*.test.ts'], steps: ['packages'], minutes: 5 },
  { name: 'client', files: ['client/test/**/*.test.ts'], steps: ['packages'], minutes: 5 },
  { name: 'web', files: ['web/test/**/*.test.ts'], steps: ['packages', 'page'], minutes: 5 },
  { name: 'rust', steps: ['packages'], tools: ['rust'], minutes: 30 },
  { name: 'media-plane', files: ['media-plane/test/**/*.test.ts'], steps: ['packages', 'addon'], minutes: 5 },
  {
    name: 'server',
    files: ['server/test/**/*.test.ts'],
    steps: ['packages', 'addon'],
    tools: ['chromium', 'postgres', 'openssl', 'schemathesis'],
    minutes: 10,
  },
  { name: 'backend', files: ['backend/test/**/*.test.ts'], steps: ['packages'], minutes: 3 },
  { name: 'nestjs', files: ['nestjs/test/**/*.test.ts'], steps: ['packages'], minutes: 3 },
  { name: 'cli', files: ['cli/test/**/*.test.ts'], steps: ['packages', 'addon', 'page'], tools: ['postgres'], minutes: 5 },
  {
    name: 'docs',
    files: ['setup/test/docs/**/*.test.js'],
    steps: ['packages', 'addon', 'page'],
    tools: ['curl'],
    minutes: 5,
    alone: true,
  },
  { name: 'deploy', files: ['setup/test/deploy/**/*.test.js'], steps: ['packages', 'addon', 'page'], minutes: 10, alone: true },
  { name: 'pack', files: ['setup/test/pack/**/*.test.js'], steps: ['packages', 'addon', 'page'], minutes: 12, alone: true },
  { name: 'bench', files: ['bench/test/**/*.test.ts'], steps: ['packages', 'addon'], tools: ['rust'], minutes: 15, alone: true },
  {
    name: 'e2e',
    files: ['e2e/test/**/*.test.ts'],
    steps: ['packages', 'addon', 'page'],
    tools: ['rust', 'chromium', 'firefox', 'coturn', 'curl', 'ip'],
    minutes: 20,
    alone: true,
  },
];
