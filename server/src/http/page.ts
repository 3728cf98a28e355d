import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { Refusal } from './refusal.ts';

export const PAGE_PATH = '/aq_server/';

const HEADERS = {
  // No script or style but its own files, nothing from elsewhere; WebSockets and requests to this server only.
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
  ].join('; '),
  'Permissions-Policy': 'camera=(self), microphone=(self), display-capture=(self), geolocation=()',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

const YEAR = 31_536_000; // seconds

/** The page that people use, from its built files. */
export function pageRoutes(app: FastifyInstance, folder: string): void {
  app.get('/', (_request, reply) => reply.redirect(PAGE_PATH, 302));
  app.get(PAGE_PATH.slice(0, -1), (_request, reply) => reply.redirect(PAGE_PATH, 302));
  if (!existsSync(join(folder, 'index.html'))) {
    app.get(PAGE_PATH, () => {
      throw new Refusal(
        503,
        'page-not-built',
        'The page is not built. Run `npm start` in the folder of aqlinks, which builds it.',
      );
    });
    return;
  }
  app.register(fastifyStatic, {
    root: folder,
    prefix: PAGE_PATH,
    cacheControl: false,
    setHeaders(reply, path) {
      // Vite puts a hash of the content into the names of `assets/`: another content is another name.
      const cache = path.startsWith(join(folder, 'assets')) ? `public, max-age=${YEAR}, immutable` : 'no-cache';
      reply.header('Cache-Control', cache);
      for (const [name, value] of Object.entries(HEADERS)) reply.header(name, value);
    },
  });
}
