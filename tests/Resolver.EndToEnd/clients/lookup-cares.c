// SPDX-License-Identifier: Apache-2.0
// Prints every address that c-ares finds for a name; on standard error, how long it took.
#include <ares.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <time.h>

static int status = ARES_ENODATA;

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void found(void *unused, int result, int timeouts, struct ares_addrinfo *addresses)
{
    (void)unused;
    (void)timeouts;
    status = result;
    if (result != ARES_SUCCESS) {
        return;
    }

    for (struct ares_addrinfo_node *a = addresses->nodes; a != NULL; a = a->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0) {
            puts(text);
        }
    }

    ares_freeaddrinfo(addresses);
}

static void wait_for_answers(ares_channel channel)
{
    for (;;) {
        fd_set readable, writable;
        FD_ZERO(&readable);
        FD_ZERO(&writable);
        int count = ares_fds(channel, &readable, &writable);
        if (count == 0) {
            return;
        }

        struct timeval timeout;
        select(count, &readable, &writable, NULL, ares_timeout(channel, NULL, &timeout));
        ares_process(channel, &readable, &writable);
    }
}

int main(int argc, char **argv)
{
    ares_channel channel;
    if (argc != 2 || ares_library_init(ARES_LIB_INIT_ALL) != ARES_SUCCESS || ares_init(&channel) != ARES_SUCCESS) {
        fprintf(stderr, "usage: %s NAME\n", argv[0]);
        return 2;
    }

    struct ares_addrinfo_hints hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM };
    long start = milliseconds();
    ares_getaddrinfo(channel, argv[1], NULL, &hints, found, NULL);
    wait_for_answers(channel);
    fprintf(stderr, "took %ld ms\n", milliseconds() - start);
    if (status != ARES_SUCCESS) {
        fprintf(stderr, "%s: %s\n", argv[1], ares_strerror(status));
    }

    ares_destroy(channel);
    ares_library_cleanup();
    return status != ARES_SUCCESS;
}
