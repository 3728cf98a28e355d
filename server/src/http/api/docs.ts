import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { openApiDocument } from './openapi.ts';

const PATH = '/api/docs';
const DOCUMENT_PATH = '/api/openapi.json';

/** Nothing but its own files, and requests to this server: its "Try it out" sends the key that somebody typed in nowhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:", // its icons
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>aqlinks REST interface</title>
    <link rel="stylesheet" href="${PATH}/assets/swagger-ui.css">
    <link rel="icon" href="data:,">
  </head>
  <body>
    <div id="docs"></div>
    <script src="${PATH}/assets/swagger-ui-bundle.js"></script>
    <script src="${PATH}/page.js"></script>
  </body>
</html>
`;

const SCRIPT = `SwaggerUIBundle({
  url: '${DOCUMENT_PATH}',
  dom_id: '#docs',
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  docExpansion: 'list',
  persistAuthorization: false,
  validatorUrl: null,
});
`;

/** `swagger-ui` as `@fastify/swagger-ui` ships it: the build without the package that reports its installation. */
const ASSETS = join(dirname(createRequire(import.meta.url).resolve('@fastify/swagger-ui')), 'static');

/** The interface in words: `/api/openapi.json` for programs, `/api/docs` for people. No request leaves this server for it. */
export function docsRoutes(app: FastifyInstance, version: string): void {
  const document = JSON.stringify(openApiDocument(version));
  app.get(DOCUMENT_PATH, (_request, reply) =>
    reply.header('Cache-Control', 'no-cache').type('application/json; charset=utf-8').send(document),
  );
  app.get(PATH, (_request, reply) => html(reply));
  app.get(`${PATH}/`, (_request, reply) => reply.redirect(PATH, 302));
  app.get(`${PATH}/page.js`, (_request, reply) =>
    reply.header('Cache-Control', 'no-cache').type('text/javascript; charset=utf-8').send(SCRIPT),
  );
  app.register(fastifyStatic, {
    root: ASSETS,
    prefix: `${PATH}/assets/`,
    decorateReply: false,
    allowedPath: path => /^\/swagger-ui(-bundle)?\.(css|js)$/.test(path),
    cacheControl: false,
    setHeaders: reply => void reply.header('Cache-Control', 'no-cache'),
  });
}

const html = (reply: { headers(values: Record<string, string>): { send(body: string): unknown } }) =>
  reply
    .headers({ 'Content-Type': 'text/html; charset=utf-8', 'Cache-Control': 'no-cache', 'Content-Security-Policy': POLICY })
    .send(PAGE);
