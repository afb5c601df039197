// SPDX-License-Identifier: Apache-2.0
//
// TCP connections that carry nothing.
//   dial serve PORT              accepts on all addresses, and closes at once
//   dial load HOST PORT COUNT    connects, reads the end and closes, COUNT times one after another
// The load writes "dials-a-second p50-microseconds p99-microseconds"; it fails when a connection does not come about and end within 5 s.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { BACKLOG = 128, PATIENCE_SECONDS = 5 };

static struct sockaddr_in address_of(const char *host, const char *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) {
        fail("%s is no IPv4 address", host);
    }
    return address;
}

__attribute__((noreturn)) static void serve(const char *port)
{
    struct sockaddr_in address = address_of("0.0.0.0", port);
    int reuse = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof reuse) != 0
        || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, BACKLOG) != 0) {
        fail("listen on port %s: %s", port, strerror(errno));
    }
    for (;;) {
        int fd = accept(listener, NULL, NULL);
        if (fd >= 0) {
            close(fd);
        } else if (errno != ECONNABORTED && errno != EINTR) {
            fail("accept: %s", strerror(errno));
        }
    }
}

// The end that closes last does so by a reset: neither keeps a port for a while.
static void dial(const struct sockaddr_in *server)
{
    char nothing;
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    struct linger reset = {.l_onoff = 1};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0
        || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) != 0
        || setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset) != 0
        || connect(fd, (const struct sockaddr *)server, sizeof *server) != 0) {
        fail("connect: %s", strerror(errno));
    }
    ssize_t length = recv(fd, &nothing, sizeof nothing, 0);
    if (length != 0) {
        fail("instead of the end: %s", length < 0 ? strerror(errno) : "data");
    }
    close(fd);
}

static int by_value(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "serve") == 0) {
        serve(argv[2]);
    }
    long count = argc == 5 && strcmp(argv[1], "load") == 0 ? atol(argv[4]) : 0;
    if (count < 1) {
        fail("usage: dial serve PORT | dial load HOST PORT COUNT");
    }
    struct sockaddr_in server = address_of(argv[2], argv[3]);
    uint32_t *samples = calloc((size_t)count, sizeof *samples);
    if (samples == NULL) {
        fail("%s", strerror(errno));
    }
    uint64_t start = now();
    for (long i = 0; i < count; i++) {
        uint64_t begin = now();
        dial(&server);
        samples[i] = (uint32_t)(now() - begin);
    }
    double elapsed = (double)(now() - start) / 1e9;
    qsort(samples, (size_t)count, sizeof *samples, by_value);
    printf("%.0f %.1f %.1f\n", (double)count / elapsed, samples[count / 2] / 1e3, samples[count * 99 / 100] / 1e3);
    free(samples);
    return 0;
}
