package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/pulumi/pulumi/sdk/v3/python/toolchain"
)

// shownToUser is the shim's exit code after it has told the user itself what is wrong.
const shownToUser = 32

// Run runs a Pulumi program under the SDK's own shim, pulumi-language-python-exec, which lies on PATH.
func (h *host) Run(ctx context.Context, request *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	command, err := h.program(ctx, request)
	if err != nil {
		return nil, err
	}
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	code, err := exitCode(command.Run())
	switch {
	case err != nil:
		return nil, err
	case code == shownToUser:
		return &pulumirpc.RunResponse{Bail: true}, nil
	case code != 0:
		return &pulumirpc.RunResponse{Error: fmt.Sprintf("Program exited with non-zero exit code: %d", code)}, nil
	}
	return &pulumirpc.RunResponse{}, nil
}

func (h *host) program(ctx context.Context, request *pulumirpc.RunRequest) (*exec.Cmd, error) {
	info := request.GetInfo()
	python, err := environmentOf(info)
	if err != nil {
		return nil, err
	}
	if python.virtualenv != "" {
		if err := python.ValidateVenv(ctx); err != nil {
			return nil, err
		}
	}
	shim, err := exec.LookPath("pulumi-language-python-exec")
	if err != nil {
		return nil, err
	}
	arguments := []string{
		"-u", shim,
		"--monitor", request.GetMonitorAddress(), "--engine", h.engine,
		"--project", request.GetProject(), "--stack", request.GetStack(), "--organization", request.GetOrganization(),
		"--root_directory", info.GetRootDirectory(), "--pwd", request.GetPwd(),
		"--dry_run", strconv.FormatBool(request.GetDryRun()), "--parallel", strconv.Itoa(int(request.GetParallel())),
		"--tracing", "",
		filepath.Join(info.GetProgramDirectory(), info.GetEntryPoint()),
	}
	command, err := python.Command(ctx, append(arguments, request.GetArgs()...)...)
	if err != nil {
		return nil, err
	}
	config, err := configuration(request)
	if err != nil {
		return nil, err
	}
	if command.Env == nil {
		command.Env = os.Environ()
	}
	command.Env = append(command.Env, config...)
	if python.virtualenv != "" {
		command.Env = append(command.Env, "PULUMI_RUNTIME_VIRTUALENV="+python.virtualenv)
	}
	return command, nil
}

// configuration passes the stack's configuration as the SDK reads it. Empty values must be "{}" and "[]":
// the SDK fails on "null".
func configuration(request *pulumirpc.RunRequest) ([]string, error) {
	values := request.GetConfig()
	if values == nil {
		values = map[string]string{}
	}
	config, err := json.Marshal(values)
	if err != nil {
		return nil, err
	}
	secrets, err := json.Marshal(append([]string{}, request.GetConfigSecretKeys()...))
	if err != nil {
		return nil, err
	}
	return []string{"PULUMI_CONFIG=" + string(config), "PULUMI_CONFIG_SECRET_KEYS=" + string(secrets)}, nil
}

// RunPlugin runs a plugin that is written in Python, above all a policy pack, until the engine hangs up.
func (h *host) RunPlugin(
	request *pulumirpc.RunPluginRequest, server pulumirpc.LanguageRuntime_RunPluginServer,
) error {
	closer, stdout, stderr, err := rpcutil.MakeRunPluginStreams(server, false)
	if err != nil {
		return err
	}
	command, err := plugin(server.Context(), request)
	if err != nil {
		return errors.Join(err, closer.Close())
	}
	code, err := runTo(command, stdout, stderr)
	if err := errors.Join(err, closer.Close()); err != nil {
		return err
	}
	return server.Send(&pulumirpc.RunPluginResponse{
		Output: &pulumirpc.RunPluginResponse_Exitcode{Exitcode: int32(code)}, //nolint:gosec // a Unix exit code
	})
}

func runTo(command *exec.Cmd, stdout, stderr io.Writer) (int, error) {
	command.Stdout, command.Stderr = stdout, stderr
	return exitCode(command.Run())
}

func plugin(ctx context.Context, request *pulumirpc.RunPluginRequest) (*exec.Cmd, error) {
	info := request.GetInfo()
	python, err := environmentOf(info)
	if err != nil {
		return nil, err
	}
	program := filepath.Join(info.GetProgramDirectory(), info.GetEntryPoint())
	arguments := append([]string{"-u", program}, request.GetArgs()...)
	if request.GetKind() == "analyzer" { // a policy pack: the SDK's own runner takes the engine, then the program
		if len(request.GetArgs()) == 0 {
			return nil, errors.New("the engine started a policy pack without its own address")
		}
		arguments = []string{"-u", "-m", "pulumi.policy", request.GetArgs()[0], program}
	}
	command, err := python.Command(ctx, arguments...)
	if err != nil {
		return nil, err
	}
	command.Dir, command.Env = request.GetPwd(), request.GetEnv()
	if venv, err := python.VirtualEnvPath(ctx); err == nil && venv != "" {
		command.Env = toolchain.ActivateVirtualEnv(command.Env, venv)
	}
	return command, nil
}

// exitCode tells a program that ended with a code from one that could not be run.
func exitCode(err error) (int, error) {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}
