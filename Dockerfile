# The server: docker build -t sluice . && docker run -p 3000:3000 -v sluice:/data -e REDIS_URL=… sluice
# BASE needs Node 22.19 or newer and apt; pin it by digest where it matters.
ARG BASE=docker.io/library/node:24-slim

FROM ${BASE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund

FROM ${BASE}
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends git ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 65532 -g 65532 -m 0700 /data
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json app.yml LICENSE ./
COPY scripts ./scripts
COPY jobs ./jobs
COPY src ./src
ENV NODE_ENV=production HOME=/tmp
USER 65532:65532
VOLUME /data
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=3s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:3000/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/src/main.ts"]
CMD ["serve", "--host", "0.0.0.0", "--data", "/data"]
