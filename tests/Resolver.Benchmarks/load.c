// SPDX-License-Identifier: Apache-2.0
//
// Loads that dnsperf does not make. The question is NAME, A; each reply must be one A record, ADDRESS.
//   load one HOST PORT NAME ADDRESS SECONDS   one question in flight
//   load connections HOST PORT NAME ADDRESS COUNT DEPTH   COUNT TCP connections, 8 at a time, on each DEPTH questions sent at once
//   load crowd HOST PORT NAME ADDRESS SECONDS SOCKETS NETNS...   SOCKETS sockets, spread over the namespaces, a question in flight on each
// Writes "questions-a-second p50-microseconds p99-microseconds", the latter of a connection with all on it; fails when an answer does not come within 5 s, or is another.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

enum { SIZE = 512, HEADER = 12, CONNECTIONS_AT_A_TIME = 8, MAX_SAMPLES = 1 << 22, EVENTS = 64, MAX_DEPTH = 100, PATIENCE_SECONDS = 5 };

static struct sockaddr_in server;
static struct in_addr expected;
static unsigned char question[SIZE];
static size_t question_length;
static uint32_t samples[MAX_SAMPLES];
static unsigned sample_count;

static void write_question(const char *name)
{
    static const unsigned char header[HEADER] = {0, 0, 1, 0, 0, 1}; // RD, one question
    memcpy(question, header, HEADER);
    question_length = HEADER;
    for (const char *label = name; *label != 0;) {
        size_t length = strcspn(label, ".");
        if (length == 0 || length > 63 || question_length + length + 6 > SIZE) {
            fail("%s is no name", name);
        }
        question[question_length++] = (unsigned char)length;
        memcpy(question + question_length, label, length);
        question_length += length;
        label += length + (label[length] == '.');
    }
    static const unsigned char end[] = {0, 0, 1, 0, 1}; // root, A, IN
    memcpy(question + question_length, end, sizeof end);
    question_length += sizeof end;
}

// Sets the id.
static void number(unsigned char *message, uint16_t id)
{
    message[0] = (unsigned char)(id >> 8);
    message[1] = (unsigned char)id;
}

static void check(const unsigned char *reply, ssize_t length, uint16_t id)
{
    if (length < HEADER + 16) {
        fail("no answer: %s", length < 0 ? strerror(errno) : "too short");
    }
    if ((reply[0] << 8 | reply[1]) != id || !(reply[2] & 0x80) || (reply[3] & 15) != 0 || reply[6] != 0 || reply[7] != 1
        || memcmp(reply + length - 4, &expected, 4) != 0) {
        fail("another answer: id %02x%02x for %04x, flags %02x%02x, %d records", reply[0], reply[1], id, reply[2], reply[3], reply[7]);
    }
}

static void sample(uint64_t nanoseconds)
{
    unsigned at = __atomic_fetch_add(&sample_count, 1, __ATOMIC_RELAXED);
    if (at < MAX_SAMPLES) {
        samples[at] = (uint32_t)nanoseconds;
    }
}

static int open_socket(int type)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0
        || connect(fd, (struct sockaddr *)&server, sizeof server) != 0) {
        fail("connect: %s", strerror(errno));
    }
    return fd;
}

static void ask_one_at_a_time(double seconds)
{
    int fd = open_socket(SOCK_DGRAM);
    unsigned char reply[SIZE];
    uint16_t id = 0;
    for (uint64_t start = now(), end = start + (uint64_t)(seconds * 1e9); start < end;) {
        number(question, ++id);
        if (send(fd, question, question_length, 0) < 0) {
            fail("send: %s", strerror(errno));
        }
        check(reply, recv(fd, reply, sizeof reply, 0), id);
        uint64_t stop = now();
        sample(stop - start);
        start = stop;
    }
    close(fd);
}

static ssize_t receive_framed(int fd, unsigned char *reply)
{
    unsigned char prefix[2];
    if (recv(fd, prefix, sizeof prefix, MSG_WAITALL) != sizeof prefix) {
        return -1;
    }
    size_t length = (size_t)(prefix[0] << 8 | prefix[1]);
    return length > SIZE ? -1 : recv(fd, reply, length, MSG_WAITALL);
}

static long connections, depth;

// Appends the question with its length before it.
static size_t frame(unsigned char *at, uint16_t id)
{
    at[0] = (unsigned char)(question_length >> 8);
    at[1] = (unsigned char)question_length;
    memcpy(at + 2, question, question_length);
    number(at + 2, id);
    return question_length + 2;
}

// The replies may come in any order (RFC 7766, section 7), but each once.
static void read_replies(int fd)
{
    unsigned char reply[SIZE];
    unsigned char seen[MAX_DEPTH] = {0};
    for (long i = 0; i < depth; i++) {
        ssize_t length = receive_framed(fd, reply);
        if (length < 2) {
            fail("%ld of %ld answers on a connection: %s", i, depth, length < 0 ? strerror(errno) : "the next is too short");
        }
        long id = reply[0] << 8 | reply[1];
        if (id >= depth || seen[id]++) {
            fail("an answer to a question that was not asked, or a second one: %ld", id);
        }
        check(reply, length, (uint16_t)id);
    }
}

static void *connect_and_ask(void *unused)
{
    (void)unused;
    unsigned char framed[MAX_DEPTH * (SIZE + 2)];
    size_t length = 0;
    for (long id = 0; id < depth; id++) {
        length += frame(framed + length, (uint16_t)id);
    }
    for (long i = 0; i < connections / CONNECTIONS_AT_A_TIME; i++) {
        uint64_t start = now();
        int fd = open_socket(SOCK_STREAM);
        if (send(fd, framed, length, MSG_NOSIGNAL) != (ssize_t)length) {
            fail("send: %s", strerror(errno));
        }
        read_replies(fd);
        close(fd);
        sample(now() - start);
    }
    return NULL;
}

static void ask_on_connections(void)
{
    pthread_t threads[CONNECTIONS_AT_A_TIME];
    for (int i = 0; i < CONNECTIONS_AT_A_TIME; i++) {
        if (pthread_create(&threads[i], NULL, connect_and_ask, NULL) != 0) {
            fail("cannot start a thread");
        }
    }
    for (int i = 0; i < CONNECTIONS_AT_A_TIME; i++) {
        pthread_join(threads[i], NULL);
    }
}

struct asker {
    int fd;
    uint16_t id;
    uint64_t asked;
};

static void ask(struct asker *asker)
{
    unsigned char message[SIZE];
    memcpy(message, question, question_length);
    number(message, ++asker->id);
    asker->asked = now();
    if (send(asker->fd, message, question_length, 0) < 0) {
        fail("send: %s", strerror(errno));
    }
}

static struct asker *open_crowd(int epoll, int sockets, int netns_count, char **netns)
{
    struct rlimit files = {.rlim_cur = (rlim_t)sockets + 64, .rlim_max = (rlim_t)sockets + 64};
    if (setrlimit(RLIMIT_NOFILE, &files) != 0) {
        fail("RLIMIT_NOFILE: %s", strerror(errno));
    }
    struct asker *askers = calloc((size_t)sockets, sizeof *askers);
    for (int n = 0; n < netns_count; n++) {
        int fd = open(netns[n], O_RDONLY | O_CLOEXEC);
        if (fd < 0 || setns(fd, CLONE_NEWNET) != 0) {
            fail("%s: %s", netns[n], strerror(errno));
        }
        close(fd);
        for (int i = n; i < sockets; i += netns_count) {
            askers[i].fd = open_socket(SOCK_DGRAM);
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = &askers[i]};
            if (epoll_ctl(epoll, EPOLL_CTL_ADD, askers[i].fd, &event) != 0) {
                fail("epoll_ctl: %s", strerror(errno));
            }
        }
    }
    return askers;
}

static void ask_as_a_crowd(double seconds, int sockets, int netns_count, char **netns)
{
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct asker *askers = open_crowd(epoll, sockets, netns_count, netns);
    uint64_t end = now() + (uint64_t)(seconds * 1e9);
    for (int i = 0; i < sockets; i++) {
        ask(&askers[i]);
    }
    for (int waiting = sockets; waiting > 0;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(epoll, events, EVENTS, PATIENCE_SECONDS * 1000);
        if (ready <= 0) {
            fail("%d of %d questions without an answer", waiting, sockets);
        }
        for (int i = 0; i < ready; i++) {
            struct asker *asker = events[i].data.ptr;
            unsigned char reply[SIZE];
            check(reply, recv(asker->fd, reply, sizeof reply, 0), asker->id);
            uint64_t stop = now();
            if (stop - asker->asked > PATIENCE_SECONDS * 1000000000ull) {
                fail("an answer after %.1f s", (double)(stop - asker->asked) / 1e9);
            }
            sample(stop - asker->asked);
            if (stop < end) {
                ask(asker);
            } else {
                waiting--;
            }
        }
    }
}

static int by_value(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    server.sin_family = AF_INET;
    if (argc < 7 || inet_pton(AF_INET, argv[2], &server.sin_addr) != 1 || inet_pton(AF_INET, argv[5], &expected) != 1) {
        fail("usage: load one|connections|crowd HOST PORT NAME ADDRESS SECONDS-OR-COUNT [DEPTH | SOCKETS NETNS...]");
    }
    server.sin_port = htons((uint16_t)atoi(argv[3]));
    write_question(argv[4]);

    uint64_t start = now();
    if (strcmp(argv[1], "one") == 0) {
        ask_one_at_a_time(atof(argv[6]));
    } else if (strcmp(argv[1], "connections") == 0 && argc == 8 && atoi(argv[7]) >= 1 && atoi(argv[7]) <= MAX_DEPTH) {
        connections = atol(argv[6]);
        depth = atol(argv[7]);
        ask_on_connections();
    } else if (strcmp(argv[1], "crowd") == 0 && argc > 8 && atoi(argv[7]) >= argc - 8) {
        ask_as_a_crowd(atof(argv[6]), atoi(argv[7]), argc - 8, argv + 8);
    } else {
        fail("unknown load %s", argv[1]);
    }

    double elapsed = (double)(now() - start) / 1e9;
    unsigned kept = sample_count < MAX_SAMPLES ? sample_count : MAX_SAMPLES;
    qsort(samples, kept, sizeof *samples, by_value);
    double questions = (double)sample_count * (depth > 0 ? depth : 1);
    printf("%.0f %.1f %.1f\n", questions / elapsed, samples[kept / 2] / 1e3, samples[(uint64_t)kept * 99 / 100] / 1e3);
    return 0;
}
