// pm2 start ecosystem.config.cjs, after `npm run build` (docs/deployment.md).
const { join } = require('node:path');

// PM2 may itself run on an older Node than aqlinks does.
const [major] = process.versions.node.split('.').map(Number);
const interpreter =
  major >= 24 ? process.execPath : join(__dirname, `node_modules/node-${process.platform}-${process.arch}/bin/node`);

module.exports = {
  apps: [
    {
      name: 'aq-server',
      cwd: __dirname, // where .env is
      script: 'cli/src/main.ts',
      args: 'start',
      interpreter,
      exec_mode: 'fork', // one process: the media workers are threads in it
      instances: 1,
      treekill: false, // one signal, to the server; a second one would end it at once
      kill_timeout: 10_000, // ms that participants have to be told before it is killed
      max_restarts: 10,
      exp_backoff_restart_delay: 100, // ms
    },
  ],
};
