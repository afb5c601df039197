# SPDX-License-Identifier: Apache-2.0
# Prints every address that Python finds for a name; on standard error, how long it took.
import socket
import sys
import time

start = time.monotonic()
try:
    for found in socket.getaddrinfo(sys.argv[1], 80, type=socket.SOCK_STREAM):
        print(found[4][0])
except socket.gaierror as error:
    sys.exit(str(error))
finally:
    print(f"took {(time.monotonic() - start) * 1000:.0f} ms", file=sys.stderr)
