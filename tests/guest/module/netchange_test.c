// SPDX-License-Identifier: GPL-2.0-only
/*
 * A network device that supports nearly every ethtool operation, and a sysctl that any user may
 * write. The operations only store values in memory, but reading the SFP can be slow or fail on
 * request.
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

#define QUEUES  4
#define STRINGS 2

static unsigned int delay_ms;
module_param(delay_ms, uint, 0644);
MODULE_PARM_DESC(delay_ms, "milliseconds that each read of the SFP takes");

static unsigned int error;
module_param(error, uint, 0644);
MODULE_PARM_DESC(error, "errno that reads of the SFP fail with, 0 for none");

/* The SFP: the 256 bytes at the I2C address 0x50, then the 256 bytes at 0x51 (SFF-8472). */
static u8 sfp[ETH_MODULE_SFF_8472_LEN] = {
	[0] = 0x03,   [1] = 0x04,   [2] = 0x07, /* SFP, all in these pages, LC connector */
	[3] = 0x10,   [11] = 0x06,  [12] = 103, /* 10GBASE-SR, 64B/66B, 10.3 GBd */
	[16] = 8,     [17] = 2,     [19] = 30,  /* reach on OM2, OM1 and OM3 */
	[60] = 0x03,  [61] = 0x52,              /* 850 nm */
	[92] = 0x68,  [94] = 0x05, /* diagnostics, internally calibrated; SFF-8472 revision 11.0 */
	[256] = 75,   [352] = 35,  /* alarm temperature, temperature */
	[354] = 0x80, [355] = 0xe8, [356] = 0x0b, [357] = 0xb8, /* 3.3 V, 6 mA */
	[358] = 0x17, [359] = 0x70, [360] = 0x13, [361] = 0x88, /* 0.6 mW sent, 0.5 mW received */
};

static int get_module_info(struct net_device *dev, struct ethtool_modinfo *info)
{
	info->type = ETH_MODULE_SFF_8472;
	info->eeprom_len = sizeof(sfp);
	return 0;
}

static int read_sfp(u32 start, u32 length, u8 *data)
{
	if (delay_ms)
		msleep(delay_ms);
	if (error)
		return -(int)error;
	if (start > sizeof(sfp) || length > sizeof(sfp) - start)
		return -EINVAL;
	memcpy(data, sfp + start, length);
	return 0;
}

static int get_module_eeprom(struct net_device *dev, struct ethtool_eeprom *request, u8 *data)
{
	return read_sfp(request->offset, request->len, data);
}

#if SINCE(5, 13)
static int get_module_eeprom_by_page(struct net_device *dev, const struct ethtool_module_eeprom *request,
				     struct netlink_ext_ack *ack)
{
	u32 address = request->i2c_address == 0x51 ? 256 : 0;

	return read_sfp(address + request->offset, request->length, request->data) ?: request->length;
}
#endif

/* An operation's value, with its getter and setter. */
#define KEPT(name, result, constant, type, more, ...)                            \
	static type name = {__VA_ARGS__};                                        \
	static result get_##name(struct net_device *dev, type *value more)       \
	{                                                                        \
		*value = name;                                                   \
		return (result)0;                                                \
	}                                                                        \
	static int set_##name(struct net_device *dev, constant type *value more) \
	{                                                                        \
		name = *value;                                                   \
		return 0;                                                        \
	}

KEPT(link, int, const, struct ethtool_link_ksettings, ,
     .base = {.speed = SPEED_10000, .duplex = DUPLEX_FULL, .port = PORT_FIBRE})
KEPT(ring, void, , struct ethtool_ringparam, MORE_RING, .rx_max_pending = 4096, .tx_max_pending = 4096,
     .rx_pending = 512, .tx_pending = 512)
KEPT(channels, void, , struct ethtool_channels, , .max_combined = QUEUES, .combined_count = QUEUES)
KEPT(coalesce, int, , struct ethtool_coalesce, MORE_COALESCE, .rx_coalesce_usecs = 50)
KEPT(pause, void, , struct ethtool_pauseparam, , .rx_pause = 1)
KEPT(wol, void, , struct ethtool_wolinfo, , .supported = WAKE_MAGIC | WAKE_PHY)
KEPT(eee, int, , struct ethtool_keee, , .tx_lpi_timer = 10)
KEPT(fec, int, , struct ethtool_fecparam, , .fec = ETHTOOL_FEC_AUTO, .active_fec = ETHTOOL_FEC_RS)
#if SINCE(5, 16)
#define MORE_POWER , struct netlink_ext_ack *ack
KEPT(power, int, const, struct ethtool_module_power_mode_params, MORE_POWER,
     .policy = ETHTOOL_MODULE_POWER_MODE_POLICY_HIGH)
#endif

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

static u32 message_level, private_flags;

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

static u8 tunable;

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

static u8 memory[64]; /* contents of the registers, the EEPROM and the dump */

static int memory_length(struct net_device *dev)
{
	return sizeof(memory);
}

static void get_registers(struct net_device *dev, struct ethtool_regs *request, void *data)
{
	memcpy(data, memory, sizeof(memory));
}

static int get_eeprom(struct net_device *dev, struct ethtool_eeprom *request, u8 *data)
{
	memcpy(data, memory + request->offset, request->len);
	return 0;
}

static int set_eeprom(struct net_device *dev, struct ethtool_eeprom *request, u8 *data)
{
	memcpy(memory + request->offset, data, request->len);
	return 0;
}

static u32 dump_flag;

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

static int count_strings(struct net_device *dev, int set)
{
	bool known = set == ETH_SS_TEST || set == ETH_SS_STATS || set == ETH_SS_PHY_STATS ||
		     set == ETH_SS_PRIV_FLAGS;

	return known ? STRINGS : -EOPNOTSUPP;
}

static void get_strings(struct net_device *dev, u32 set, u8 *data)
{
	static const char names[STRINGS][ETH_GSTRING_LEN] = {"first", "second"};

	memcpy(data, names, sizeof(names));
}

static void get_statistics(struct net_device *dev, struct ethtool_stats *stats, u64 *data)
{
	data[0] = 1;
	data[1] = 2;
}

static int get_rx_rules(struct net_device *dev, struct ethtool_rxnfc *info, u32 *locations)
{
	info->rule_cnt = 0;
	if (info->cmd == ETHTOOL_GRXRINGS)
		info->data = QUEUES;
	else
		info->data = info->cmd == ETHTOOL_GRXFH ? RXH_IP_SRC | RXH_IP_DST : 16 /* rules at most */;
	return 0;
}

static u32 rx_table[QUEUES];

static u32 rx_table_size(struct net_device *dev)
{
	return QUEUES;
}

#if SINCE(6, 8)
#define GET_HASH struct ethtool_rxfh_param *hash
#define SET_HASH struct ethtool_rxfh_param *hash, struct netlink_ext_ack *ack
#define RX_TABLE hash->indir
#else
#define GET_HASH u32 *table, u8 *key, u8 *function
#define SET_HASH const u32 *table, const u8 *key, const u8 function
#define RX_TABLE table
#endif

static int get_rx_hash(struct net_device *dev, GET_HASH)
{
	if (RX_TABLE)
		memcpy(RX_TABLE, rx_table, sizeof(rx_table));
	return 0;
}

static int set_rx_hash(struct net_device *dev, SET_HASH)
{
	if (RX_TABLE)
		memcpy(rx_table, RX_TABLE, sizeof(rx_table));
	return 0;
}

static void get_driver(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, KBUILD_MODNAME, sizeof(info->driver));
}

static void test_self(struct net_device *dev, struct ethtool_test *test, u64 *data)
{
	memset(data, 0, STRINGS * sizeof(*data)); /* passed */
}

static int reset(struct net_device *dev, u32 *components)
{
	*components = 0; /* all parts were reset */
	return 0;
}

#define SUCCEEDS(name, ...)                                    \
	static int name(struct net_device *dev, ##__VA_ARGS__) \
	{                                                      \
		return 0;                                      \
	}

SUCCEEDS(set_rx_rules, struct ethtool_rxnfc *info)
SUCCEEDS(blink, enum ethtool_phys_id_state state)
SUCCEEDS(flash, struct ethtool_flash *file)
SUCCEEDS(negotiate)

#define GET_SET(operation, name) .get_##operation = get_##name, .set_##operation = set_##name

static const struct ethtool_ops operations = {
	.supported_coalesce_params = ETHTOOL_COALESCE_USECS | ETHTOOL_COALESCE_MAX_FRAMES,
	.get_module_info = get_module_info,
	.get_module_eeprom = get_module_eeprom,
#if SINCE(5, 13)
	.get_module_eeprom_by_page = get_module_eeprom_by_page,
#endif
#if SINCE(5, 16)
	GET_SET(module_power_mode, power),
#endif
	GET_SET(link_ksettings, link),
	GET_SET(ringparam, ring),
	GET_SET(channels, channels),
	GET_SET(coalesce, coalesce),
	GET_SET(per_queue_coalesce, queue_coalesce),
	GET_SET(pauseparam, pause),
	GET_SET(wol, wol),
	GET_SET(eee, eee),
	GET_SET(fecparam, fec),
	GET_SET(msglevel, message_level),
	GET_SET(priv_flags, private_flags),
	GET_SET(tunable, tunable),
	GET_SET(phy_tunable, tunable),
	GET_SET(eeprom, eeprom),
	GET_SET(rxnfc, rx_rules),
	GET_SET(rxfh, rx_hash),
#if SINCE(7, 0)
	.get_rx_ring_count = rx_table_size,
#endif
	.get_rxfh_indir_size = rx_table_size,
	.get_eeprom_len = memory_length,
	.get_regs_len = memory_length,
	.get_regs = get_registers,
	.get_dump_flag = get_dump_info,
	.get_dump_data = get_dump,
	.set_dump = set_dump,
	.get_sset_count = count_strings,
	.get_strings = get_strings,
	.get_ethtool_stats = get_statistics,
	.get_ethtool_phy_stats = get_statistics,
	.self_test = test_self,
	.get_drvinfo = get_driver,
	.get_link = ethtool_op_get_link,
	.get_ts_info = ethtool_op_get_ts_info,
	.set_phys_id = blink,
	.nway_reset = negotiate,
	.reset = reset,
	.flash_device = flash,
};

static netdev_tx_t drop(struct sk_buff *packet, struct net_device *dev)
{
	dev_kfree_skb(packet);
	return NETDEV_TX_OK;
}

static const struct net_device_ops device_operations = {.ndo_start_xmit = drop};

static int flag;

/* Two names with the same first 62 characters. */
#define LONG_NAME "netchange_test_has_a_name_longer_than_that_of_any_other_known_"

static int first, second;

static struct ctl_table sysctls[] = {
	{.procname = LONG_NAME "1",
	 .data = &first,
	 .maxlen = sizeof(first),
	 .mode = 0644,
	 .proc_handler = proc_dointvec},
	{.procname = LONG_NAME "2",
	 .data = &second,
	 .maxlen = sizeof(second),
	 .mode = 0644,
	 .proc_handler = proc_dointvec},
	{.procname = "flag",
	 .data = &flag,
	 .maxlen = sizeof(flag),
	 .mode = 0666,
	 .proc_handler = proc_dointvec},
#if !SINCE(6, 6)
	{} /* a terminator, which newer kernels refuse */
#endif
};

static struct net_device *device;
static struct ctl_table_header *sysctl_header;

static void set_sum(unsigned int first, unsigned int sum)
{
	while (first < sum)
		sfp[sum] += sfp[first++];
}

static void complete_values(void)
{
	memcpy(sfp + 20, "NETCHANGE       ", 16);         /* vendor */
	memcpy(sfp + 40, "TEST-SFP-10G-SR 1.0 ", 20);     /* product, revision */
	memcpy(sfp + 68, "NC0000000001    260101  ", 24); /* serial number, date */
	set_sum(0, 63);
	set_sum(64, 95);
	ethtool_link_ksettings_add_link_mode(&link, supported, 10000baseSR_Full);
	ethtool_link_ksettings_add_link_mode(&link, supported, 1000baseX_Full);
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
	device->features = NETIF_F_SG | NETIF_F_HW_CSUM;
	device->hw_features = device->features;
	eth_hw_addr_random(device);
	result = register_netdev(device);
	if (result)
		goto free;
	sysctl_header = register_sysctl("net", sysctls);
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
