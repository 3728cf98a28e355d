export { ApiError, ApiUnreachable, everyItem, type Identity, type SignedToken, TokenInvalid } from '@aqlinks/backend';
export { AqlinksClaims, AqlinksGuard } from './guard.ts';
export { AqlinksModule } from './module.ts';
export { AQLINKS_OPTIONS, type AqlinksAsyncOptions, type AqlinksModuleOptions, type AqlinksOptions } from './options.ts';
export { type EventDelivery, OnRoomEvent, type RoomEvent } from './room-events.ts';
export { AqlinksService, type Invitation } from './service.ts';
