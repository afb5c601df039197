// SPDX-License-Identifier: Apache-2.0
//
// What a server costs that does nothing but receive and send: every question gets the same A record, 64 datagrams per system call; by TCP on a
// thread of its own, one connection after the other and one question on each.
// Usage: echo ADDRESS PORT [NAMESPACE-FILE]...   with files: UDP only, a socket in each namespace, two threads with an epoll set each
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BATCH = 64, SIZE = 512, HEADER = 12 };

// Owner: a pointer to the question (offset 12); A, IN, TTL 600, 10.88.0.10.
static const unsigned char answer[] = {0xc0, 0x0c, 0, 1, 0, 1, 0, 0, 2, 0x58, 0, 4, 10, 88, 0, 10};

// Turns a question into its reply in place; returns the reply's length, or 0 for what is no question.
static size_t reply(unsigned char *message, size_t length)
{
    size_t at = HEADER;
    while (at < length && message[at] != 0) {
        if (message[at] > 63) {
            return 0;
        }
        at += message[at] + 1u;
    }
    at += 5; // the root label, type and class
    if (at > length || at + sizeof answer > SIZE) {
        return 0;
    }

    message[2] = 0x84 | (message[2] & 1); // QR, AA, RD as it came
    message[3] = 0x80;                    // RA, NOERROR
    static const unsigned char counts[] = {0, 1, 0, 1, 0, 0, 0, 0};
    memcpy(message + 4, counts, sizeof counts);
    memcpy(message + at, answer, sizeof answer);
    return at + sizeof answer;
}

static void *serve_connections(void *argument)
{
    int listener = *(int *)argument;
    unsigned char framed[2 + SIZE];
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        if (client < 0) {
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            perror("accept4");
            exit(1);
        }

        ssize_t got = recv(client, framed, sizeof framed, 0);
        size_t length = got > 2 ? reply(framed + 2, (size_t)got - 2) : 0;
        framed[0] = (unsigned char)(length >> 8);
        framed[1] = (unsigned char)length;
        if (length > 0 && send(client, framed, length + 2, MSG_NOSIGNAL) < 0) {
            perror("send");
        }
        close(client);
    }
    return NULL;
}

struct batch {
    unsigned char buffers[BATCH][SIZE];
    struct sockaddr_in peers[BATCH];
    struct iovec in[BATCH], out[BATCH];
    struct mmsghdr received[BATCH], sent[BATCH];
};

// Receives what is there, or waits for it if the flags say so, and replies.
static void serve(int fd, struct batch *b, int flags)
{
    for (int i = 0; i < BATCH; i++) {
        b->in[i] = (struct iovec){b->buffers[i], SIZE};
        b->received[i].msg_hdr =
            (struct msghdr){.msg_name = &b->peers[i], .msg_namelen = sizeof b->peers[i], .msg_iov = &b->in[i], .msg_iovlen = 1};
    }

    int count = recvmmsg(fd, b->received, BATCH, flags, NULL);
    if (count < 0) {
        if (errno == EINTR || errno == EAGAIN) {
            return;
        }
        perror("recvmmsg");
        exit(1);
    }

    int replies = 0;
    for (int i = 0; i < count; i++) {
        size_t length = reply(b->buffers[i], b->received[i].msg_len);
        if (length > 0) {
            b->out[replies] = (struct iovec){b->buffers[i], length};
            b->sent[replies].msg_hdr =
                (struct msghdr){.msg_name = &b->peers[i], .msg_namelen = sizeof b->peers[i], .msg_iov = &b->out[replies], .msg_iovlen = 1};
            replies++;
        }
    }

    for (int done = 0; done < replies;) {
        int now = sendmmsg(fd, b->sent + done, (unsigned)(replies - done), 0);
        // A client that went away (ECONNREFUSED) is no reason to stop serving the others.
        done += now > 0 ? now : 1;
    }
}

static void *serve_all(void *argument)
{
    int set = *(int *)argument;
    struct batch *b = calloc(1, sizeof *b);
    struct epoll_event ready[BATCH];
    for (;;) {
        int count = epoll_wait(set, ready, BATCH, -1);
        for (int i = 0; i < count; i++) {
            serve(ready[i].data.fd, b, MSG_DONTWAIT);
        }
    }
    return NULL;
}

static int open_udp(const struct sockaddr_in *own)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    int size = 1 << 20; // A thousand questions at once are more than the usual buffer takes.
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0 || bind(fd, (const struct sockaddr *)own, sizeof *own) != 0) {
        perror("echo: udp");
        exit(1);
    }
    return fd;
}

static int serve_namespaces(const struct sockaddr_in *own, char **files, int count)
{
    enum { THREADS = 2 };
    int sets[THREADS];
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        sets[i] = epoll_create1(EPOLL_CLOEXEC);
    }
    for (int i = 0; i < count; i++) {
        int file = open(files[i], O_RDONLY | O_CLOEXEC);
        if (file < 0 || setns(file, CLONE_NEWNET) != 0) {
            perror(files[i]);
            return 1;
        }
        close(file);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = open_udp(own)};
        if (epoll_ctl(sets[i % THREADS], EPOLL_CTL_ADD, event.data.fd, &event) != 0) {
            perror("epoll_ctl");
            return 1;
        }
    }
    for (int i = 0; i < THREADS; i++) {
        if (pthread_create(&threads[i], NULL, serve_all, &sets[i]) != 0) {
            perror("pthread_create");
            return 1;
        }
    }
    pthread_join(threads[0], NULL);
    return 1;
}

int main(int argc, char **argv)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    if (argc < 3 || inet_pton(AF_INET, argv[1], &own.sin_addr) != 1) {
        fprintf(stderr, "usage: echo ADDRESS PORT [NAMESPACE-FILE]...\n");
        return 2;
    }
    own.sin_port = htons((unsigned short)atoi(argv[2]));
    if (argc > 3) {
        return serve_namespaces(&own, argv + 3, argc - 3);
    }

    int fd = open_udp(&own);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    pthread_t connections;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 || bind(listener, (struct sockaddr *)&own, sizeof own) != 0 ||
        listen(listener, 128) != 0 || pthread_create(&connections, NULL, serve_connections, &listener) != 0) {
        perror("echo: tcp");
        return 1;
    }

    static struct batch b;
    for (;;) {
        serve(fd, &b, MSG_WAITFORONE);
    }
}
