import { startNativeMediaPlane } from '../../src/media/native.ts';
import { describeMediaPlane } from './contract.ts';

describeMediaPlane('native', () => startNativeMediaPlane({ workers: 2, port: 0, addresses: [] }));
