package bridge

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
)

// The tokens are those of the Python package pulumi-openstack (its version is in uv.lock). They follow from
// Terraform's names by rule: openstack_<module>_<words>_v<N> becomes openstack:<module>/<words>:<Words>. What
// the rule does not give is listed below, and nothing else; tests/unit/toolchain/test_tokens.py compares the
// result with every token and property that the Python package asks for.

// renamedModules are the modules whose Pulumi name differs from Terraform's.
var renamedModules = map[string]string{"db": "database", "fw": "firewall", "lb": "loadbalancer"}

// joinedWords are words that Terraform writes as one and Pulumi as several.
var joinedWords = map[string]string{
	"addressscope":    "AddressScope",
	"clustertemplate": "ClusterTemplate",
	"floatingip":      "FloatingIp",
	"ipsec":           "IpSec",
	"l7policy":        "L7Policy",
	"l7rule":          "L7Rule",
	"loadbalancer":    "LoadBalancer",
	"nodegroup":       "NodeGroup",
	"portforwarding":  "PortForwarding",
	"quotaset":        "QuotaSet",
	"recordset":       "RecordSet",
	"secgroup":        "SecGroup",
	"securityservice": "SecurityService",
	"servergroup":     "ServerGroup",
	"sharenetwork":    "ShareNetwork",
	"subnetpool":      "SubnetPool",
	"tempurl":         "TempUrl",
}

// versionedResources keep their API version in the token (those added since pulumi-openstack 3).
var versionedResources = strings.Fields(`
	openstack_bgpvpn_network_associate_v2 openstack_bgpvpn_port_associate_v2 openstack_bgpvpn_router_associate_v2
	openstack_bgpvpn_v2 openstack_blockstorage_qos_association_v3 openstack_blockstorage_qos_v3
	openstack_blockstorage_volume_type_access_v3 openstack_blockstorage_volume_type_v3
	openstack_compute_aggregate_v2 openstack_compute_quotaset_v2 openstack_dns_quota_v2
	openstack_dns_zone_share_v2 openstack_fw_group_v2 openstack_fw_policy_v2 openstack_fw_rule_v2
	openstack_identity_ec2_credential_v3 openstack_identity_endpoint_v3 openstack_identity_group_v3
	openstack_identity_limit_v3 openstack_identity_registered_limit_v3 openstack_identity_service_v3
	openstack_identity_user_membership_v3 openstack_keymanager_container_v1 openstack_keymanager_order_v1
	openstack_keymanager_secret_v1 openstack_lb_flavor_v2 openstack_lb_flavorprofile_v2
	openstack_lb_l7policy_v2 openstack_lb_l7rule_v2 openstack_networking_address_group_v2
	openstack_networking_bgp_peer_v2 openstack_networking_bgp_speaker_v2 openstack_networking_portforwarding_v2
	openstack_networking_quota_v2 openstack_networking_rbac_policy_v2 openstack_networking_router_routes_v2
	openstack_networking_segment_v2 openstack_objectstorage_account_v1 openstack_orchestration_stack_v1`)

// versionedDataSources keep their API version in the token.
var versionedDataSources = strings.Fields(`
	openstack_blockstorage_availability_zones_v3 openstack_blockstorage_snapshot_v3
	openstack_blockstorage_volume_v3 openstack_compute_aggregate_v2 openstack_compute_hypervisor_v2
	openstack_compute_instance_v2 openstack_compute_limits_v2 openstack_compute_quotaset_v2
	openstack_dns_zone_share_v2 openstack_fw_group_v2 openstack_fw_policy_v2 openstack_fw_rule_v2
	openstack_identity_project_ids_v3 openstack_lb_flavor_v2 openstack_lb_flavorprofile_v2
	openstack_lb_listener_v2 openstack_lb_pool_v2 openstack_networking_quota_v2
	openstack_networking_segment_v2 openstack_networking_subnet_ids_v2`)

// oddResources are misspelt or placed by no rule in the published package; we follow it.
var oddResources = map[string]string{
	"openstack_blockstorage_quotaset_v3": "openstack:blockstorage/quoteSetV3:QuoteSetV3",
	"openstack_objectstorage_object_v1":  "openstack:objectstorage/containerObject:ContainerObject",
	"openstack_taas_tap_mirror_v2":       "openstack:index/taasTapMirrorV2:TaasTapMirrorV2",
}

// oddDataSources are the same for data sources.
var oddDataSources = map[string]string{
	"openstack_blockstorage_quotaset_v3":               "openstack:blockstorage/getQuotasetV3:getQuotasetV3",
	"openstack_compute_servergroup_v2":                 "openstack:compute/getServergroupV2:getServergroupV2",
	"openstack_dns_zone_v2":                            "openstack:dns/getDnsZone:getDnsZone",
	"openstack_lb_loadbalancer_v2":                     "openstack:loadbalancer/getLoadbalancerV2:getLoadbalancerV2",
	"openstack_loadbalancer_flavor_v2":                 "openstack:loadbalancer/getLbFlavorDeprecated:getLbFlavorDeprecated",
	"openstack_sharedfilesystem_availability_zones_v2": "openstack:sharedfilesystem/getAvailbilityZones:getAvailbilityZones",
	"openstack_workflow_workflow_v2":                   "openstack:index/workflowWorkflowV2:WorkflowWorkflowV2",
}

// renamedFields are properties whose published name does not follow from Terraform's.
var renamedFields = map[string]map[string]*tfbridge.SchemaInfo{
	"openstack_orchestration_stack_v1": {"outputs": {Name: "StackOutputs"}},
}

// formerResources are older tokens that are still served beside the present one.
var formerResources = map[string]string{
	"openstack_bgpvpn_network_associate_v2": "openstack:index/bgpvpnNetworkAssociateV2:BgpvpnNetworkAssociateV2",
	"openstack_bgpvpn_port_associate_v2":    "openstack:index/bgpvpnPortAssociateV2:BgpvpnPortAssociateV2",
	"openstack_bgpvpn_router_associate_v2":  "openstack:index/bgpvpnRouterAssociateV2:BgpvpnRouterAssociateV2",
	"openstack_bgpvpn_v2":                   "openstack:index/bgpvpnV2:BgpvpnV2",
	"openstack_lb_flavorprofile_v2":         "openstack:index/lbFlavorprofileV2:LbFlavorprofileV2",
	"openstack_lb_loadbalancer_v2":          "openstack:index/lbLoadbalancerV2:LbLoadbalancerV2",
}

// formerDataSources are the same for data sources.
var formerDataSources = map[string]string{
	"openstack_fw_group_v2":  "openstack:index/getFwGroupV2:getFwGroupV2",
	"openstack_fw_policy_v2": "openstack:index/getFwPolicyV2:getFwPolicyV2",
	"openstack_fw_rule_v2":   "openstack:index/getFwRuleV2:getFwRuleV2",
}

var apiVersion = regexp.MustCompile(`_v[0-9]+$`)

func resourceToken(terraform string) string {
	if odd, ok := oddResources[terraform]; ok {
		return odd
	}
	module, name := split(terraform, slices.Contains(versionedResources, terraform))
	return token(module, name)
}

func dataSourceToken(terraform string) string {
	if odd, ok := oddDataSources[terraform]; ok {
		return odd
	}
	module, name := split(terraform, slices.Contains(versionedDataSources, terraform))
	return fmt.Sprintf("openstack:%s/get%s:get%s", module, name, name)
}

func token(module, name string) string {
	return fmt.Sprintf("openstack:%s/%s:%s", module, strings.ToLower(name[:1])+name[1:], name)
}

// split turns a Terraform name into a Pulumi module and a name in PascalCase.
func split(terraform string, versioned bool) (module, name string) {
	version := apiVersion.FindString(terraform)
	words := strings.Split(strings.TrimSuffix(strings.TrimPrefix(terraform, "openstack_"), version), "_")
	module = words[0]
	if renamed, ok := renamedModules[module]; ok {
		module = renamed
	}
	var b strings.Builder
	for _, word := range words[1:] {
		if joined, ok := joinedWords[word]; ok {
			b.WriteString(joined)
		} else {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	if versioned {
		b.WriteString(strings.ToUpper(strings.TrimPrefix(version, "_")))
	}
	return module, b.String()
}
