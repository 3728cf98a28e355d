import { prepare } from './prepare.js';
import { fail } from './setup-error.js';

// npm run build: all that `npm start` needs, without starting.
await prepare(['packages', 'addon', 'page']).catch(fail);
