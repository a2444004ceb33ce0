# vanta-mcp alone, on the C library and the certificates that it needs. No shell, no package manager, no root.
#
#   docker build -t vanta-mcp .
#   docker run --rm -i --read-only -e VANTA_CLIENT_ID -e VANTA_CLIENT_SECRET vanta-mcp
#   docker run --rm --read-only -p 8080:8080 -v "$PWD/tokens.toml:/tokens.toml:ro" -e VANTA_CLIENT_ID -e VANTA_CLIENT_SECRET \
#     vanta-mcp serve --http 0.0.0.0:8080 --tokens /tokens.toml --allow-host localhost:8080
#
# The images below are named by digest, so that every build begins with the same bytes; the tags only say what they are.
# To renew one: docker buildx imagetools inspect rust:1.95-bookworm
#
# tests/image/run takes the last stage apart and starts it without a container engine.

FROM rust:1.95-bookworm@sha256:6258907abe69656e41cd992e0b705cdcfabcbbe3db374f92ed2d47121282d4a1 AS build
# Without the demo tenant: --build-arg FEATURES=otel
ARG FEATURES=demo,otel
WORKDIR /source
COPY . .
RUN cargo build --locked --release --bin vanta-mcp --no-default-features --features "$FEATURES" && cp target/release/vanta-mcp /vanta-mcp

FROM gcr.io/distroless/cc-debian12:nonroot@sha256:9dac0a79194e45a7da0158a9c6da57b217585af0786db3845d1f0ec1a0dd182f
COPY --from=build /vanta-mcp /usr/local/bin/vanta-mcp
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/usr/local/bin/vanta-mcp"]
CMD ["serve"]
