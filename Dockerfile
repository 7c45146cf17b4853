# The image of the worker and of the embedded router. Checked in test/compose, but not built by this project's CI.

FROM golang:1.26.5-bookworm AS pulumi
WORKDIR /build
COPY tools/pulumi/go.mod tools/pulumi/go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -mod=readonly -buildvcs=false -trimpath \
    -ldflags '-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.230.0' \
    -o /usr/local/bin/pulumi github.com/pulumi/pulumi/pkg/v3/cmd/pulumi

FROM node:24.21.0-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund

FROM node:24.21.0-bookworm-slim
ENV NODE_ENV=production SUPPLANT_DATA=/data SUPPLANT_PULUMI=/usr/local/bin/pulumi
WORKDIR /app
# The slim image has none, and providers, metrics and a Temporal elsewhere are reached over TLS.
COPY --from=pulumi /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=pulumi /usr/local/bin/pulumi /usr/local/bin/pulumi
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY blueprints blueprints
COPY src src
RUN install -d -o node -g node /data
VOLUME /data
USER node
# The young generation is bounded because Node lets it grow to 128 MiB while many rollouts run at once.
CMD ["node", "--disable-warning=ExperimentalWarning", "--max-semi-space-size=16", "src/worker.ts", "--data", "/data"]
