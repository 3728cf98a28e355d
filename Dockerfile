# The image of aqlinks: what `npm install aqlinks` gives, on Node, without a compiler. See docs/deployment.md.
#   docker build -t aqlinks .
#   docker run --network host -e JWT_SECRET=… -v aqlinks-data:/data aqlinks

FROM rust:1.95-slim-bookworm AS rust

FROM node:24-bookworm AS build
COPY --from=rust /usr/local/cargo /usr/local/cargo
COPY --from=rust /usr/local/rustup /usr/local/rustup
ENV CARGO_HOME=/usr/local/cargo RUSTUP_HOME=/usr/local/rustup PATH=/usr/local/cargo/bin:$PATH
WORKDIR /src
COPY . .
RUN npm run pack
WORKDIR /app
RUN npm init --yes && npm install --omit=dev /src/dist-packages/*.tgz

FROM node:24-bookworm-slim
ENV ENVIRONMENT=production DATA_DIR=/data
RUN mkdir /data && chown node:node /data
COPY --from=build /app /app
WORKDIR /app
USER node
VOLUME /data
EXPOSE 8080/tcp 40000-40063/udp
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/health').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["node", "node_modules/aqlinks/lib/main.js", "start"]
