// SPDX-License-Identifier: GPL-2.0-only
/*
 * A net device that answers nearly every ethtool operation, and a sysctl that anybody may write. The
 * operations only keep values in memory, except that reading the SFP takes time or fails as wanted.
 */

#include <linux/delay.h>
#include <linux/etherdevice.h>
#include <linux/ethtool.h>
#include <linux/module.h>
#include <linux/sysctl.h>
#include <linux/version.h>

#define SINCE(major, minor) (LINUX_VERSION_CODE >= KERNEL_VERSION(major, minor, 0))

#if SINCE(5, 15)
#define MORE_COALESCE , struct kernel_ethtool_coalesce *kernel, struct netlink_ext_ack *ack
#else
#define MORE_COALESCE
#endif
#if SINCE(5, 17)
#define MORE_RING , struct kernel_ethtool_ringparam *kernel, struct netlink_ext_ack *ack
#else
#define MORE_RING
#endif
#if !SINCE(6, 9)
#define ethtool_keee ethtool_eee
#endif

#define QUEUES 4
#define STRINGS 2

static unsigned int delay_ms;
module_param(delay_ms, uint, 0644);
MODULE_PARM_DESC(delay_ms, "milliseconds that each read of the SFP takes");

static unsigned int error;
module_param(error, uint, 0644);
MODULE_PARM_DESC(error, "errno that reads of the SFP fail with, 0 for none");

static int flag;

static struct ctl_table sysctl_table[] = {
	{
		.procname = "flag",
		.data = &flag,
		.maxlen = sizeof(flag),
		.mode = 0666,
		.proc_handler = proc_dointvec,
	},
#if !SINCE(6, 6)
	{} /* the terminator that newer kernels refuse */
#endif
};

/* The two 256 byte pages at the I2C addresses 0x50 and 0x51 (SFF-8472): a 10GBASE-SR module. */
static u8 sfp[ETH_MODULE_SFF_8472_LEN] = {
	[0] = 0x03,			  /* SFP */
	[1] = 0x04,			  /* defined by the I2C pages alone */
	[2] = 0x07,			  /* LC connector */
	[3] = 0x10,			  /* 10GBASE-SR */
	[11] = 0x06,			  /* 64B/66B */
	[12] = 103,			  /* 10.3 GBd */
	[16] = 8,    [17] = 2, [19] = 30, /* OM2, OM1 and OM3 length */
	[60] = 0x03, [61] = 0x52,	  /* 850 nm */
	[92] = 0x68,			  /* diagnostics at 0x51, internally calibrated, average power */
	[94] = 0x05,			  /* SFF-8472 revision 11.0 */
	[256] = 75,			  /* alarm above 75 degrees Celsius */
	[352] = 35,			  /* it has 35 degrees Celsius */
	[354] = 0x80, [355] = 0xe8,	  /* 3.3 V */
	[356] = 0x0b, [357] = 0xb8,	  /* 6 mA bias current */
	[358] = 0x17, [359] = 0x70,	  /* 0.6 mW sent */
	[360] = 0x13, [361] = 0x88,	  /* 0.5 mW received */
};

static struct ethtool_link_ksettings link = {
	.base = { .speed = SPEED_10000, .duplex = DUPLEX_FULL, .port = PORT_FIBRE },
};
static struct ethtool_ringparam ring = {
	.rx_max_pending = 4096, .tx_max_pending = 4096, .rx_pending = 512, .tx_pending = 512
};
static struct ethtool_channels channels = { .max_combined = QUEUES, .combined_count = QUEUES };
static struct ethtool_coalesce coalesce = { .rx_coalesce_usecs = 50, .tx_coalesce_usecs = 50 };
static struct ethtool_pauseparam pause;
static struct ethtool_wolinfo wol = { .supported = WAKE_MAGIC | WAKE_PHY };
static struct ethtool_keee eee;
static struct ethtool_fecparam fec = { .fec = ETHTOOL_FEC_AUTO, .active_fec = ETHTOOL_FEC_RS };
static u32 message_level, private_flags, dump_flag, rx_table[QUEUES];
static u8 memory[64], rx_key[8], tunable;

static void get_driver(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
	strscpy(info->fw_version, "1.0", sizeof(info->fw_version));
}

static int memory_length(struct net_device *dev)
{
	return sizeof(memory);
}

static void get_registers(struct net_device *dev, struct ethtool_regs *regs, void *data)
{
	memcpy(data, memory, regs->len);
}

/* The kernel has checked offset and length. */
static int get_eeprom(struct net_device *dev, struct ethtool_eeprom *eeprom, u8 *data)
{
	memcpy(data, memory + eeprom->offset, eeprom->len);
	return 0;
}

static int set_eeprom(struct net_device *dev, struct ethtool_eeprom *eeprom, u8 *data)
{
	memcpy(memory + eeprom->offset, data, eeprom->len);
	return 0;
}

static int wait_for_module(void)
{
	if (delay_ms)
		msleep(delay_ms);
	return -(int)error;
}

static int get_module_info(struct net_device *dev, struct ethtool_modinfo *info)
{
	info->type = ETH_MODULE_SFF_8472;
	info->eeprom_len = ETH_MODULE_SFF_8472_LEN;
	return wait_for_module();
}

static int get_module_eeprom(struct net_device *dev, struct ethtool_eeprom *eeprom, u8 *data)
{
	memcpy(data, sfp + eeprom->offset, eeprom->len);
	return wait_for_module();
}

#if SINCE(5, 13)
static int get_module_page(struct net_device *dev, const struct ethtool_module_eeprom *page,
			   struct netlink_ext_ack *ack)
{
	unsigned int start = (page->i2c_address == 0x51 ? 256 : 0) + page->offset;
	int result = wait_for_module();

	if (result)
		return result;
	if (page->page || start + page->length > sizeof(sfp))
		return -EINVAL;
	memcpy(page->data, sfp + start, page->length);
	return page->length;
}
#endif

#if SINCE(5, 16)
static struct ethtool_module_power_mode_params power = {
	.policy = ETHTOOL_MODULE_POWER_MODE_POLICY_HIGH, .mode = ETHTOOL_MODULE_POWER_MODE_HIGH
};

static int get_power(struct net_device *dev, struct ethtool_module_power_mode_params *value,
		     struct netlink_ext_ack *ack)
{
	*value = power;
	return 0;
}

static int set_power(struct net_device *dev, const struct ethtool_module_power_mode_params *value,
		     struct netlink_ext_ack *ack)
{
	power.policy = value->policy;
	return 0;
}
#endif

static int get_link_settings(struct net_device *dev, struct ethtool_link_ksettings *value)
{
	*value = link;
	return 0;
}

static int set_link_settings(struct net_device *dev, const struct ethtool_link_ksettings *value)
{
	link = *value;
	return 0;
}

static void get_ring(struct net_device *dev, struct ethtool_ringparam *value MORE_RING)
{
	*value = ring;
}

static int set_ring(struct net_device *dev, struct ethtool_ringparam *value MORE_RING)
{
	ring = *value;
	return 0;
}

static void get_channels(struct net_device *dev, struct ethtool_channels *value)
{
	*value = channels;
}

static int set_channels(struct net_device *dev, struct ethtool_channels *value)
{
	channels = *value;
	return 0;
}

static int get_coalesce(struct net_device *dev, struct ethtool_coalesce *value MORE_COALESCE)
{
	*value = coalesce;
	return 0;
}

static int set_coalesce(struct net_device *dev, struct ethtool_coalesce *value MORE_COALESCE)
{
	coalesce = *value;
	return 0;
}

static int get_queue_coalesce(struct net_device *dev, u32 queue, struct ethtool_coalesce *value)
{
	*value = coalesce;
	return 0;
}

static int set_queue_coalesce(struct net_device *dev, u32 queue, struct ethtool_coalesce *value)
{
	coalesce = *value;
	return 0;
}

static void get_pause(struct net_device *dev, struct ethtool_pauseparam *value)
{
	*value = pause;
}

static int set_pause(struct net_device *dev, struct ethtool_pauseparam *value)
{
	pause = *value;
	return 0;
}

static void get_wol(struct net_device *dev, struct ethtool_wolinfo *value)
{
	*value = wol;
}

static int set_wol(struct net_device *dev, struct ethtool_wolinfo *value)
{
	wol.wolopts = value->wolopts;
	return 0;
}

static int get_eee(struct net_device *dev, struct ethtool_keee *value)
{
	*value = eee;
	return 0;
}

static int set_eee(struct net_device *dev, struct ethtool_keee *value)
{
	eee = *value;
	return 0;
}

static int get_fec(struct net_device *dev, struct ethtool_fecparam *value)
{
	*value = fec;
	return 0;
}

static int set_fec(struct net_device *dev, struct ethtool_fecparam *value)
{
	fec.fec = value->fec;
	return 0;
}

static u32 get_message_level(struct net_device *dev)
{
	return message_level;
}

static void set_message_level(struct net_device *dev, u32 value)
{
	message_level = value;
}

static u32 get_private_flags(struct net_device *dev)
{
	return private_flags;
}

static int set_private_flags(struct net_device *dev, u32 value)
{
	private_flags = value;
	return 0;
}

static int get_tunable(struct net_device *dev, const struct ethtool_tunable *request, void *data)
{
	memset(data, 0, request->len);
	*(u8 *)data = tunable;
	return 0;
}

static int set_tunable(struct net_device *dev, const struct ethtool_tunable *request, const void *data)
{
	tunable = *(const u8 *)data;
	return 0;
}

static int count_strings(struct net_device *dev, int set)
{
	bool known = set == ETH_SS_TEST || set == ETH_SS_STATS || set == ETH_SS_PHY_STATS ||
		     set == ETH_SS_PRIV_FLAGS;

	return known ? STRINGS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	static const char names[STRINGS][ETH_GSTRING_LEN] = { "first", "second" };

	memcpy(data, names, sizeof(names));
}

static void get_statistics(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	data[0] = 1;
	data[1] = 2;
}

static void test_self(struct net_device *dev, struct ethtool_test *test, u64 *data)
{
	memset(data, 0, STRINGS * sizeof(*data));
}

static int blink(struct net_device *dev, enum ethtool_phys_id_state state)
{
	return 0;
}

static int restart_negotiation(struct net_device *dev)
{
	return 0;
}

static int reset(struct net_device *dev, u32 *components)
{
	*components = 0; /* all have been reset */
	return 0;
}

static int flash(struct net_device *dev, struct ethtool_flash *file)
{
	return 0;
}

static int get_dump_info(struct net_device *dev, struct ethtool_dump *dump)
{
	dump->flag = dump_flag;
	dump->len = sizeof(memory);
	return 0;
}

static int get_dump(struct net_device *dev, struct ethtool_dump *dump, void *data)
{
	memcpy(data, memory, sizeof(memory));
	return 0;
}

static int set_dump(struct net_device *dev, struct ethtool_dump *dump)
{
	dump_flag = dump->flag;
	return 0;
}

static int get_rx_rules(struct net_device *dev, struct ethtool_rxnfc *info, u32 *locations)
{
	info->rule_cnt = 0;
	/* Rings, fields of a flow's hash, or room for rules. */
	info->data = info->cmd == ETHTOOL_GRXRINGS ? QUEUES : info->cmd == ETHTOOL_GRXFH ? RXH_IP_SRC : 16;
	return 0;
}

static int set_rx_rules(struct net_device *dev, struct ethtool_rxnfc *info)
{
	return 0;
}

static u32 rx_table_size(struct net_device *dev)
{
	return ARRAY_SIZE(rx_table);
}

static u32 rx_key_size(struct net_device *dev)
{
	return sizeof(rx_key);
}

static void copy(void *target, const void *source, size_t size)
{
	if (target && source)
		memcpy(target, source, size);
}

#if SINCE(6, 8)
static int get_rx_hash(struct net_device *dev, struct ethtool_rxfh_param *hash)
{
	hash->hfunc = ETH_RSS_HASH_TOP;
	copy(hash->indir, rx_table, sizeof(rx_table));
	copy(hash->key, rx_key, sizeof(rx_key));
	return 0;
}

static int set_rx_hash(struct net_device *dev, struct ethtool_rxfh_param *hash, struct netlink_ext_ack *ack)
{
	copy(rx_table, hash->indir, sizeof(rx_table));
	copy(rx_key, hash->key, sizeof(rx_key));
	return 0;
}
#else
static int get_rx_hash(struct net_device *dev, u32 *table, u8 *key, u8 *function)
{
	if (function)
		*function = ETH_RSS_HASH_TOP;
	copy(table, rx_table, sizeof(rx_table));
	copy(key, rx_key, sizeof(rx_key));
	return 0;
}

static int set_rx_hash(struct net_device *dev, const u32 *table, const u8 *key, const u8 function)
{
	copy(rx_table, table, sizeof(rx_table));
	copy(rx_key, key, sizeof(rx_key));
	return 0;
}
#endif

static const struct ethtool_ops operations = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS | ETHTOOL_COALESCE_MAX_FRAMES,
	.get_drvinfo = get_driver,
	.get_regs_len = memory_length,
	.get_regs = get_registers,
	.get_eeprom_len = memory_length,
	.get_eeprom = get_eeprom,
	.set_eeprom = set_eeprom,
	.get_module_info = get_module_info,
	.get_module_eeprom = get_module_eeprom,
#if SINCE(5, 13)
	.get_module_eeprom_by_page = get_module_page,
#endif
#if SINCE(5, 16)
	.get_module_power_mode = get_power,
	.set_module_power_mode = set_power,
#endif
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.get_link_ksettings = get_link_settings,
	.set_link_ksettings = set_link_settings,
	.get_ringparam = get_ring,
	.set_ringparam = set_ring,
	.get_channels = get_channels,
	.set_channels = set_channels,
	.get_coalesce = get_coalesce,
	.set_coalesce = set_coalesce,
	.get_per_queue_coalesce = get_queue_coalesce,
	.set_per_queue_coalesce = set_queue_coalesce,
	.get_pauseparam = get_pause,
	.set_pauseparam = set_pause,
	.get_wol = get_wol,
	.set_wol = set_wol,
	.get_eee = get_eee,
	.set_eee = set_eee,
	.get_fecparam = get_fec,
	.set_fecparam = set_fec,
	.get_msglevel = get_message_level,
	.set_msglevel = set_message_level,
	.get_priv_flags = get_private_flags,
	.set_priv_flags = set_private_flags,
	.get_tunable = get_tunable,
	.set_tunable = set_tunable,
	.get_phy_tunable = get_tunable,
	.set_phy_tunable = set_tunable,
	.get_sset_count = count_strings,
	.get_strings = get_strings,
	.get_ethtool_stats = get_statistics,
	.get_ethtool_phy_stats = get_statistics,
	.self_test = test_self,
	.set_phys_id = blink,
	.nway_reset = restart_negotiation,
	.reset = reset,
	.flash_device = flash,
	.get_dump_flag = get_dump_info,
	.get_dump_data = get_dump,
	.set_dump = set_dump,
	.get_rxnfc = get_rx_rules,
	.set_rxnfc = set_rx_rules,
	.get_rxfh_indir_size = rx_table_size,
	.get_rxfh_key_size = rx_key_size,
	.get_rxfh = get_rx_hash,
	.set_rxfh = set_rx_hash,
};

static netdev_tx_t drop(struct sk_buff *packet, struct net_device *dev)
{
	dev_kfree_skb(packet);
	return NETDEV_TX_OK;
}

static const struct net_device_ops device_operations = { .ndo_start_xmit = drop };

static struct net_device *device;
static struct ctl_table_header *sysctl_header;

static void set_sum(unsigned int first, unsigned int sum)
{
	while (first < sum)
		sfp[sum] += sfp[first++];
}

static void complete_values(void)
{
	/* Vendor, product, revision and serial number with the date. */
	memcpy(sfp + 20, "NETCHANGE       ", 16);
	memcpy(sfp + 40, "TEST-SFP-10G-SR 1.0 ", 20);
	memcpy(sfp + 68, "NC0000000001    260101  ", 24);
	set_sum(0, 63);
	set_sum(64, 95);
	ethtool_link_ksettings_add_link_mode(&link, supported, 10000baseSR_Full);
	ethtool_link_ksettings_add_link_mode(&link, supported, FIBRE);
	ethtool_link_ksettings_add_link_mode(&link, advertising, 10000baseSR_Full);
}

static int __init start(void)
{
	int result;

	complete_values();
	device = alloc_etherdev_mq(0, QUEUES);
	if (!device)
		return -ENOMEM;
	strscpy(device->name, "sfp0", sizeof(device->name));
	device->netdev_ops = &device_operations;
	device->ethtool_ops = &operations;
	device->hw_features = NETIF_F_SG | NETIF_F_HW_CSUM;
	device->features = device->hw_features;
	eth_hw_addr_random(device);
	result = register_netdev(device);
	if (result)
		goto free;
	sysctl_header = register_sysctl("net", sysctl_table);
	if (sysctl_header)
		return 0;
	result = -ENOMEM;
	unregister_netdev(device);
free:
	free_netdev(device);
	return result;
}

static void __exit stop(void)
{
	unregister_sysctl_table(sysctl_header);
	unregister_netdev(device);
	free_netdev(device);
}

module_init(start);
module_exit(stop);
MODULE_DESCRIPTION("Device and sysctl for the tests of netchange_exporter");
MODULE_LICENSE("GPL");
