export type { Addon, Handle } from './addon.ts';
export { loadAddon } from './load.ts';
export { type Machine, platformOf, UnsupportedPlatform } from './platform.ts';
