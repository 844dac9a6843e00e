/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The kernel structures that are read, each with only the members that are read. Names and types are the
 * kernel's; offsets are those of the running kernel (CO-RE). Kernel side only.
 */
#ifndef NETCHANGE_KERNEL_TYPES_H
#define NETCHANGE_KERNEL_TYPES_H

#include <linux/bpf.h>
#include <linux/types.h>

#include "layout.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* Names of files and the way from one to the root: include/linux/{dcache,mount,fs}.h, fs/mount.h */
struct qstr {
	const unsigned char *name;
};

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
};

struct vfsmount {
	struct dentry *mnt_root;
};

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};

struct file {
	struct path f_path;
};

/* Tasks: include/linux/{sched,mm_types}.h */
struct mm_struct {
	struct file *exe_file;
};

struct task_struct {
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	char comm[COMM_SIZE];
};

/* Network namespaces: include/net/{net_namespace,netns/ipv4}.h, include/linux/ns_common.h */
struct ns_common {
	unsigned int inum;
};

struct ipv4_devconf {
	void *sysctl;
};

struct netns_ipv4 {
	struct ipv4_devconf *devconf_all;
	struct ipv4_devconf *devconf_dflt;
};

struct net {
	__u64 net_cookie; /* a plain number from 5.12 on; CO-RE says that the older type does not match */
	struct ns_common ns;
	struct netns_ipv4 ipv4;
};

typedef struct {
	struct net *net;
} possible_net_t;

/* BPF programs and links: include/linux/bpf.h, net/core/dev.c */
struct bpf_prog_aux {
	__u32 id;
	char name[16];
};

struct bpf_prog {
	__u8 tag[8];
	struct bpf_prog_aux *aux;
};

struct bpf_link {
	struct bpf_prog *prog;
};

struct bpf_xdp_link {
	struct bpf_link link;
};

struct bpf_xdp_entity {
	struct bpf_prog *prog;
	struct bpf_xdp_link *link;
};

/* Devices: include/linux/{netdevice,inetdevice}.h */
struct net_device_ops {
	void *ndo_bpf;
};

struct netdev_tc_txq {
	__u16 count;
	__u16 offset;
};

struct net_device {
	char name[IFNAME_SIZE];
	const struct net_device_ops *netdev_ops;
	possible_net_t nd_net;
	struct bpf_xdp_entity xdp_state[3];
	struct netdev_queue *_tx;
	unsigned int num_rx_queues;
	__s16 num_tc;
	struct netdev_tc_txq tc_to_txq[16];
	struct xps_dev_maps *xps_maps[2];  /* from 5.13 on */
	struct xps_dev_maps *xps_cpus_map; /* before */
	struct xps_dev_maps *xps_rxqs_map; /* before */
};

struct in_device {
	struct net_device *dev;
	struct ipv4_devconf cnf;
};

/* Queues: include/linux/{netdevice,kobject}.h, include/net/{netdev_rx_queue,rps}.h, net/core/dev.h */
struct kobject {
	const char *name;
};

struct rps_map {
	unsigned int len;
	__u16 cpus[];
};

struct rps_dev_flow_table {
	unsigned int mask;
};

struct rps_dev_flow_table___log { /* from 6.16 on */
	__u8 log;
};

struct netdev_rx_queue {
	struct rps_map *rps_map;
	struct rps_dev_flow_table *rps_flow_table;
	struct kobject kobj;
	struct net_device *dev;
};

struct netdev_rx_queue___tagged { /* 7.x: the table's address, and its logarithmic size in the low 5 bits */
	unsigned long rps_flow_table;
};

struct netdev_queue {
	struct net_device *dev;
	struct net_device *sb_dev;
	struct kobject kobj;
};

struct xps_map {
	unsigned int len;
	__u16 queues[];
};

struct xps_dev_maps {
	unsigned int nr_ids; /* from 5.13 on */
	__s16 num_tc;        /* from 5.13 on */
	struct xps_map *attr_map[];
};

/* Interrupts: include/linux/{cpumask,irq,irqdesc,interrupt}.h */
struct cpumask {
	unsigned long bits[1]; /* in truth as many as there are processors */
};

struct irq_common_data {
	unsigned int state_use_accessors;
	struct cpumask *affinity;
};

struct irq_common_data___here { /* without CONFIG_CPUMASK_OFFSTACK */
	struct cpumask affinity[1];
};

struct irq_data {
	struct irq_common_data *common;
};

struct irqaction {
	const char *name;
};

struct irq_desc {
	struct irq_common_data irq_common_data;
	struct irqaction *action;
	struct cpumask *pending_mask; /* with CONFIG_GENERIC_PENDING_IRQ */
};

struct irq_desc___here { /* without CONFIG_CPUMASK_OFFSTACK */
	struct cpumask pending_mask[1];
};

/* Sysctl: include/linux/sysctl.h */
struct ctl_table {
	const char *procname;
	void *data;
	int maxlen;
	void *extra1;
	void *extra2;
};

/* Netlink: include/linux/skbuff.h, include/net/sock.h, net/ethtool/netlink.h */
struct sock_common {
	possible_net_t skc_net;
};

struct sock {
	struct sock_common __sk_common;
};

struct sk_buff {
	struct sock *sk;
};

struct ethnl_req_info {
	struct net_device *dev;
};

#pragma clang attribute pop

#endif
