# One image for the app and the sidecar; the command decides which of them runs. Neither writes to the file system.
# The Node release has the fix for CVE-2026-111497 (scripts/bootstrap/node-version.mjs lists the fixed releases). The image has
# no digest here yet, because the registry could not be reached (see docker-compose.yml).
FROM node:26.12.1-bookworm-slim AS base
WORKDIR /app

FROM base AS build
COPY package.json package-lock.json ./
RUN npm ci --include=dev --no-audit --no-fund
COPY . .
RUN node scripts/build.ts

FROM base AS packages
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM base
ENV NODE_ENV=production
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/build build
COPY package.json ./
COPY shared shared
COPY sidecar sidecar
COPY scripts scripts
COPY app/process/serve.ts app/process/serve.ts
COPY app/process/config.server.ts app/process/config.server.ts
COPY app/process/exchange.server.ts app/process/exchange.server.ts
COPY app/process/log.server.ts app/process/log.server.ts
COPY app/process/logged-path.server.ts app/process/logged-path.server.ts
COPY deploy/healthcheck.mjs deploy/healthcheck.mjs
USER node
EXPOSE 3000 4000
CMD ["node", "sidecar/main.ts"]
