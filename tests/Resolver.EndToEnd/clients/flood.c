// SPDX-License-Identifier: Apache-2.0
// Floods 127.0.0.11:53 with COUNT datagrams at RATE a second and counts what comes back:
//   flood names COUNT RATE DOMAIN     unique names below a domain, a few hundred on their way at once
//   flood random COUNT RATE           octets: half of them at random, half of them a question with some bits flipped
//   flood replies COUNT RATE          questions with QR=1, which nothing may answer
// Prints sent=N replied=N seconds=N. Ends by itself, after 50 s at the latest, and fails if it could not send everything until then.
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST_SECONDS = 50, WINDOW = 400, LOST_AFTER_MS = 200, LAST_WAIT_MS = 4500, MOST_OCTETS = 600 };

static uint64_t state = 20261125; // the same packets every time

static uint32_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

// Takes what has come; waits for the first that long.
static long take(int fd, int wait_ms)
{
    char reply[4096];
    long taken = 0;
    struct pollfd ready = { .fd = fd, .events = POLLIN };
    if (poll(&ready, 1, wait_ms) > 0) {
        while (recv(fd, reply, sizeof reply, MSG_DONTWAIT) >= 0) {
            taken++;
        }
    }
    return taken;
}

static size_t put_name(unsigned char *to, const char *name)
{
    unsigned char *start = to;
    while (*name != 0) {
        size_t length = strcspn(name, ".");
        *to++ = (unsigned char)length;
        memcpy(to, name, length);
        to += length;
        name += length + (name[length] == '.');
    }
    *to++ = 0;
    return (size_t)(to - start);
}

static size_t question(unsigned char *packet, long number, const char *domain)
{
    static const unsigned char header[12] = { 0, 0, 1, 0, 0, 1 };
    static const unsigned char a_in[4] = { 0, 1, 0, 1 };
    char name[200];
    snprintf(name, sizeof name, "name%ld.%s", number, domain);
    memcpy(packet, header, sizeof header);
    packet[0] = (unsigned char)(number >> 8);
    packet[1] = (unsigned char)number;
    size_t length = sizeof header + put_name(packet + sizeof header, name);
    memcpy(packet + length, a_in, sizeof a_in);
    return length + sizeof a_in;
}

static size_t noise(unsigned char *packet, long number)
{
    if (number % 2 == 0) {
        size_t length = chance() % MOST_OCTETS;
        for (size_t i = 0; i < length; i++) {
            packet[i] = (unsigned char)chance();
        }
        return length;
    }
    size_t length = question(packet, number % 1000, "flood.example");
    for (uint32_t flips = 1 + chance() % 8; flips > 0; flips--) {
        packet[chance() % length] ^= (unsigned char)(1 << chance() % 8);
    }
    return length;
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s names|random|replies COUNT RATE [DOMAIN]\n", argv[0]);
        return 2;
    }
    const int is_names = strcmp(argv[1], "names") == 0, is_random = strcmp(argv[1], "random") == 0;
    const long count = atol(argv[2]);
    const double rate = atof(argv[3]);
    const char *domain = argc > 4 ? argv[4] : "flood.example";

    struct sockaddr_in responder = { .sin_family = AF_INET, .sin_port = htons(53) };
    inet_pton(AF_INET, "127.0.0.11", &responder.sin_addr);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&responder, sizeof responder) < 0) {
        perror("127.0.0.11");
        return 1;
    }

    const double start = now();
    long sent = 0, replied = 0, underway = 0;
    while (sent < count && now() - start < MOST_SECONDS) {
        unsigned char packet[1024];
        size_t length = is_random ? noise(packet, sent) : question(packet, sent, domain);
        if (!is_names && !is_random) {
            packet[2] |= 0x80;
        }
        if (send(fd, packet, length, 0) < 0) {
            if (errno != ENOBUFS && errno != EAGAIN) {
                perror("send");
                return 1;
            }
            take(fd, 1);
            continue;
        }
        sent++;
        underway++;
        double early = sent / rate - (now() - start);
        long taken = take(fd, early > 0.002 ? 1 : 0);
        if (is_names && underway - taken >= WINDOW) {
            long late = take(fd, LOST_AFTER_MS);
            underway = late == 0 ? 0 : underway;
            taken += late;
        }
        replied += taken;
        underway = underway > taken ? underway - taken : 0;
    }

    long taken;
    while (replied < sent && (taken = take(fd, is_names ? LAST_WAIT_MS : 1000)) > 0) {
        replied += taken;
    }
    printf("sent=%ld replied=%ld seconds=%.1f\n", sent, replied, now() - start);
    return sent == count ? 0 : 1;
}
