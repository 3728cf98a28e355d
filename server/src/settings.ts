/** What the command line needs of a server without starting one: without fastify and the media plane it is there in no time. */
export {
  type Administrator,
  type Identity,
  type SignedToken,
  type SignOptions,
  signAdminToken,
  signToken,
} from './auth/sign-token.ts';
export { configurationTable, describeConfiguration, printableConfiguration, type SettingDescription } from './config/describe.ts';
export type { Configuration, Options } from './config/keys.ts';
export { ConfigurationError, type Environment, loadConfiguration, readEnvironment } from './config/load.ts';
export { resolveSecret, type Secret, secretFile, weakness } from './config/secret.ts';
export { StartError } from './config/start-error.ts';
export { formatDuration, parseDuration } from './config/values.ts';
export { type Certificate, configuredCertificate, expiryWarning } from './http/tls/certificate.ts';
export { VERSION } from './version.ts';
