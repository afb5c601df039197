// SPDX-License-Identifier: Apache-2.0
// Prints every address that getaddrinfo(3) finds for a name, as a program linked with glibc or musl sees it; on standard error, how long it took.
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

static long milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: %s NAME\n", argv[0]);
        return 2;
    }

    struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
    struct addrinfo *found;
    long start = milliseconds();
    int error = getaddrinfo(argv[1], "80", &hints, &found);
    fprintf(stderr, "took %ld ms\n", milliseconds() - start);
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", argv[1], gai_strerror(error));
        return 1;
    }

    for (struct addrinfo *a = found; a != NULL; a = a->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST) == 0) {
            puts(text);
        }
    }

    freeaddrinfo(found);
    return 0;
}
