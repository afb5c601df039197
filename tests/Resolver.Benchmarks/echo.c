// SPDX-License-Identifier: Apache-2.0
//
// What a server costs that does nothing but receive and send: every question gets the same A record, 64 datagrams per system call; by TCP on a
// thread of its own, one connection after the other and one question on each.
// Usage: echo ADDRESS PORT
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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

int main(int argc, char **argv)
{
    struct sockaddr_in own = {.sin_family = AF_INET};
    if (argc != 3 || inet_pton(AF_INET, argv[1], &own.sin_addr) != 1) {
        fprintf(stderr, "usage: echo ADDRESS PORT\n");
        return 2;
    }
    own.sin_port = htons((unsigned short)atoi(argv[2]));
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&own, sizeof own) != 0) {
        perror("echo");
        return 1;
    }

    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int on = 1;
    pthread_t connections;
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 || bind(listener, (struct sockaddr *)&own, sizeof own) != 0 ||
        listen(listener, 128) != 0 || pthread_create(&connections, NULL, serve_connections, &listener) != 0) {
        perror("echo: tcp");
        return 1;
    }

    static unsigned char buffers[BATCH][SIZE];
    static struct sockaddr_in peers[BATCH];
    static struct iovec in[BATCH], out[BATCH];
    static struct mmsghdr received[BATCH], sent[BATCH];
    for (;;) {
        for (int i = 0; i < BATCH; i++) {
            in[i] = (struct iovec){buffers[i], SIZE};
            received[i].msg_hdr = (struct msghdr){.msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &in[i], .msg_iovlen = 1};
        }

        int count = recvmmsg(fd, received, BATCH, MSG_WAITFORONE, NULL);
        if (count < 0) {
            if (errno == EINTR) {
                continue;
            }
            perror("recvmmsg");
            return 1;
        }

        int replies = 0;
        for (int i = 0; i < count; i++) {
            size_t length = reply(buffers[i], received[i].msg_len);
            if (length > 0) {
                out[replies] = (struct iovec){buffers[i], length};
                sent[replies].msg_hdr = (struct msghdr){.msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &out[replies], .msg_iovlen = 1};
                replies++;
            }
        }

        for (int done = 0; done < replies;) {
            int now = sendmmsg(fd, sent + done, (unsigned)(replies - done), 0);
            // A client that went away (ECONNREFUSED) is no reason to stop serving the others.
            done += now > 0 ? now : 1;
        }
    }
}
