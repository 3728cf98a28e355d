/**
 * A client that wants more than the plain protocol offers this WebSocket subprotocol (RFC 6455 1.9) when it connects;
 * the server then selects it. A client that offers none speaks the plain protocol and is sent only what that one has.
 */
export const SUBPROTOCOL = 'aqlinks.v1';
