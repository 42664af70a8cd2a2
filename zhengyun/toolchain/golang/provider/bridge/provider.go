// Package bridge describes the Terraform provider of OpenStack as a Pulumi provider, under the tokens of the
// published Python package pulumi-openstack.
package bridge

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-provider-openstack/terraform-provider-openstack/v3/openstack"
)

// nameLimit is the longest name that OpenStack's services accept (varchar(255) in each of them).
const nameLimit = 255

// Provider returns the bridged provider. Version is that of the Python package, which asks for it by name.
func Provider(version string) tfbridge.ProviderInfo {
	info := tfbridge.ProviderInfo{
		P:           shimv2.NewProvider(openstack.Provider()),
		Name:        "openstack",
		DisplayName: "OpenStack",
		Description: "OpenStack, bridged by zhengyun from the published Terraform provider.",
		License:     "Apache-2.0",
		GitHubOrg:   "terraform-provider-openstack",
		Version:     version,
		Config: map[string]*tfbridge.SchemaInfo{
			"allow_reauth":  fromEnvironment("OS_ALLOW_REAUTH"),
			"cloud":         fromEnvironment("OS_CLOUD"),
			"delayed_auth":  fromEnvironment("OS_DELAYED_AUTH"),
			"endpoint_type": fromEnvironment("OS_ENDPOINT_TYPE"),
			"insecure":      fromEnvironment("OS_INSECURE"),
			"region":        fromEnvironment("OS_REGION_NAME"),
			"swauth":        fromEnvironment("OS_SWAUTH"),
		},
		Resources:   map[string]*tfbridge.ResourceInfo{},
		DataSources: map[string]*tfbridge.DataSourceInfo{},
	}
	addResources(&info)
	addDataSources(&info)
	info.SetAutonaming(nameLimit, "-")
	return info
}

func fromEnvironment(variable string) *tfbridge.SchemaInfo {
	return &tfbridge.SchemaInfo{Default: &tfbridge.DefaultInfo{EnvVars: []string{variable}}}
}

func addResources(info *tfbridge.ProviderInfo) {
	for _, name := range keys(info.P.ResourcesMap().Range) {
		present := tokens.Type(resourceToken(name))
		former, ok := formerResources[name]
		if !ok {
			info.Resources[name] = &tfbridge.ResourceInfo{Tok: present, Fields: renamedFields[name]}
			continue
		}
		info.RenameResourceWithAlias(name, tokens.Type(former), present, module(former), module(string(present)), nil)
	}
}

func addDataSources(info *tfbridge.ProviderInfo) {
	for _, name := range keys(info.P.DataSourcesMap().Range) {
		present := tokens.ModuleMember(dataSourceToken(name))
		former, ok := formerDataSources[name]
		if !ok {
			info.DataSources[name] = &tfbridge.DataSourceInfo{Tok: present}
			continue
		}
		info.RenameDataSource(name, tokens.ModuleMember(former), present, module(former), module(string(present)), nil)
	}
}

// keys copies the names first: a rename adds to the map that is being walked.
func keys[V any](each func(func(string, V) bool)) []string {
	var names []string
	each(func(name string, _ V) bool {
		names = append(names, name)
		return true
	})
	return names
}

// module is the middle of a token: "openstack:index/bgpvpnV2:BgpvpnV2" gives "index/bgpvpnV2".
func module(token string) string {
	return strings.Split(token, ":")[1]
}
