// Command pulumi-resource-openstack serves OpenStack to Pulumi. It is built here from published Go modules
// because the official plugin is only offered as a download, which air-gapped sites cannot reach.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"

	"zhengyun/toolchain/provider/bridge"
)

// version is set by the build from the pulumi-openstack version in uv.lock.
var version = "0.0.0-dev"

// The schema is written by ./generate before this is compiled; it is not committed.
//
//go:embed schema.json
var schema []byte

func main() {
	tfbridge.Main("openstack", version, bridge.Provider(version), schema)
}
