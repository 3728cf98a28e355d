export { type Api, type ApiOptions, type ApiRequest, createApi, everyItem } from './api.ts';
export { ApiError, ApiUnreachable } from './api-error.ts';
export { type ApiKey, parseApiKey } from './api-key.ts';
export { type Identity, type Secret, type SignedToken, signToken, socketUrl, TokenInvalid, verifyToken } from './token.ts';
export { type ReceivedEvent, readWebhook, type WebhookHeaders, WebhookInvalid } from './webhook.ts';
