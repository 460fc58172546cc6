# Patchbay in a container: built from the packages of Debian 12, run by a user without rights.
FROM debian:12-slim AS build
WORKDIR /src
COPY scripts/packages.sh scripts/packages.sh
RUN bash -c '. scripts/packages.sh && need_packages build'
COPY . .
RUN cmake --preset release && cmake --build --preset release -j "$(nproc)"
RUN mkdir -p /opt/patchbay/bin /opt/patchbay/lib /opt/patchbay/share/patchbay \
  && cp build/release/bin/patchbay /opt/patchbay/bin/ \
  && cp -r build/release/lib/patchbay /opt/patchbay/lib/ \
  && cp -r host/web host/cli/new-plugin /opt/patchbay/share/patchbay/ \
  && find /opt/patchbay -type f \( -name '*.so' -o -name patchbay \) -exec strip {} +

FROM debian:12-slim
COPY scripts/packages.sh /tmp/packages.sh
RUN bash -c '. /tmp/packages.sh && need_packages container' \
  && rm -rf /tmp/packages.sh /var/lib/apt/lists/* \
  && useradd --uid 10001 --shell /usr/sbin/nologin --create-home \
    --home-dir /var/lib/patchbay patchbay
COPY --from=build /opt/patchbay /opt/patchbay
# A library that is missing should fail here, not at the first start.
RUN ! ldd /opt/patchbay/bin/patchbay | grep 'not found' \
  && ln -s /opt/patchbay/bin/patchbay /usr/bin
USER patchbay
ENV PATCHBAY_DIRECTORY=/var/lib/patchbay
VOLUME /var/lib/patchbay
EXPOSE 8787
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s \
  CMD patchbay status --address 127.0.0.1 --port 8787 || exit 1
ENTRYPOINT ["patchbay"]
CMD ["run", "--address", "0.0.0.0", "--port", "8787"]
