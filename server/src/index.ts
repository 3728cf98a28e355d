export type { AuditVerdict } from './audit/audit.ts';
export { verifyExport } from './audit/export.ts';
export { checkReach, type ReachFinding } from './check-reach.ts';
export { createLog, type Logger, type LogOptions } from './log.ts';
export type { MediaPlane } from './media/media-plane.ts';
export { runServer } from './run-server.ts';
export * from './settings.ts';
export { type StartedServer, type Surroundings, startServer } from './start-server.ts';
export { type Carried, carryStore } from './store/carry.ts';
