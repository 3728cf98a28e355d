import { writeFileSync } from 'node:fs';
import { GENERATED, withPart } from './generated.js';
import { inRoot } from './paths.js';
import { prepare } from './prepare.js';
import { fail } from './setup-error.js';

// npm run docs: writes the generated parts of the documentation anew.
await prepare(['packages']).catch(fail);
for (const part of GENERATED) writeFileSync(inRoot(part.file), withPart(part));
