# The daemon and the command in one image:
#   docker build -t resolver .
#   docker run -d --name resolver --network host --pid host --cap-drop ALL --cap-add NET_ADMIN --cap-add SYS_ADMIN --cap-add SYS_PTRACE \
#     --cap-add DAC_OVERRIDE --cap-add NET_RAW --cap-add NET_BIND_SERVICE -v /run:/run:rshared -v /etc/netns:/etc/netns \
#     -v /etc/resolv.conf:/etc/resolv.conf:ro -v resolver-state:/var/lib/resolver resolver
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
# The command is compiled ahead of time, which links with the C compiler.
RUN apt-get update \
 && apt-get install -y --no-install-recommends gcc libc6-dev zlib1g-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN dotnet publish src/Resolver.Daemon --configuration Release --output /out \
 && dotnet publish src/Resolver.Cli --configuration Release --output /out \
 && rm -f /out/*.pdb /out/*.dbg /out/*.xml

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update \
 && apt-get install -y --no-install-recommends libnftables1 \
 && rm -rf /var/lib/apt/lists/*
COPY --from=build /out /opt/resolver
RUN ln -s /opt/resolver/resolver /opt/resolver/resolverd /usr/local/bin/
VOLUME /var/lib/resolver
HEALTHCHECK --interval=10s --timeout=5s CMD ["resolver", "status"]
ENTRYPOINT ["resolverd"]
