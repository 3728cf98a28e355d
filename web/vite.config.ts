import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/aq_server/', // where the server serves it
  plugins: [react()],
  build: {
    outDir: 'dist',
    assetsInlineLimit: 0, // the content security policy allows files, not what is written into the page
    modulePreload: { polyfill: false }, // every browser with WebRTC that we serve knows it
  },
  // `npx vite` in this folder serves the page while it is worked on, against a server on its usual port.
  server: {
    proxy: { '/aq_server/websocket': { target: 'http://localhost:8080', ws: true }, '/aq_server/token': 'http://localhost:8080' },
  },
});
