import './no-eval.ts';

export * from './claims.ts';
export * from './client-messages.ts';
export * from './close-codes.ts';
export * from './errors.ts';
export * from './model.ts';
export * from './moderation.ts';
export * from './parse.ts';
export * from './rest/index.ts';
export * from './rights.ts';
export * from './room-settings.ts';
export * from './server-messages.ts';
export * from './version.ts';
