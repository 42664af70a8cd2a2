// Command pulumi-language-python lets Pulumi run Python programs and policy packs. It is written against the
// public protocol of sdk/v3 and is used only where the official host, which no Go proxy serves, is not on PATH.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// healthInterval is how often the host looks whether the engine still lives, and ends if it does not.
const healthInterval = 5 * time.Minute

func main() {
	if err := serve(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(arguments []string) error {
	flags := flag.NewFlagSet("pulumi-language-python", flag.ContinueOnError)
	for _, name := range []string{"tracing", "root", "virtualenv", "toolchain", "typechecker"} {
		flags.String(name, "", "accepted for the engine; the same values come with every request")
	}
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	server := &host{engine: flags.Arg(0)}
	if server.engine != "" {
		if err := rpcutil.Healthcheck(ctx, server.engine, healthInterval, cancel); err != nil {
			return err
		}
	}
	stop := make(chan bool)
	go func() {
		<-ctx.Done()
		close(stop)
	}()
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(s, server)
			return nil
		},
		Options: rpcutil.OpenTracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d\n", handle.Port) // the engine reads the port from the first line
	return <-handle.Done
}
