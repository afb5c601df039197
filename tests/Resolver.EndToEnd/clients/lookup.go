// SPDX-License-Identifier: Apache-2.0

// Prints every address that Go's own resolver finds for a name; on standard error, how long it took.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"time"
)

func main() {
	start := time.Now()
	addresses, err := (&net.Resolver{PreferGo: true}).LookupHost(context.Background(), os.Args[1])
	fmt.Fprintf(os.Stderr, "took %d ms\n", time.Since(start).Milliseconds())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for _, address := range addresses {
		fmt.Println(address)
	}
}
