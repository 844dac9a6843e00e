/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * The kernel structures that we read, with only the members that we read. Names and types are those of a
 * recent kernel; CO-RE takes the offsets of the running one. Differences of other kernels are in
 * compat.bpf.h. Kernel side only.
 */
#ifndef NETCHANGE_KERNEL_TYPES_H
#define NETCHANGE_KERNEL_TYPES_H

#include <linux/bpf.h>
#include <linux/types.h>
#include <linux/uio.h>

#include "bpf/abi/layout.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

/* File names and the path to the root: include/linux/{dcache,mount,fs}.h, fs/mount.h */
struct qstr {
	__u32 len;
	const unsigned char *name;
};

struct super_block {
	unsigned long s_magic;
};

struct inode;

struct dentry {
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	struct super_block *d_sb;
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

struct inode {
	unsigned short i_mode;
	void *i_private;
};

/* Nodes of sysfs and of cgroups: include/linux/kernfs.h */
struct kernfs_node {
	struct kernfs_node *__parent;
	const char *name;
	__u64 id;
	void *priv; /* for a directory of sysfs: its kobject */
};

struct file_operations {
	void *splice_write;
};

struct file {
	unsigned int f_mode;
	const struct file_operations *f_op;
	struct path f_path;
	struct inode *f_inode;
	void *private_data;
};

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};

struct files_struct {
	struct fdtable *fdt;
};

/* Data that a system call writes: include/linux/{fs,uio}.h. */
struct kiocb {
	struct file *ki_filp;
	long long ki_pos;
};

enum iter_type {
	ITER_IOVEC = 4,
	ITER_KVEC = 8,
	ITER_UBUF = 6,
};

struct iov_iter {
	__u8 iter_type;
	unsigned long iov_offset;
	unsigned long count;
	const struct iovec *__iov;
	void *ubuf;
};

/* Control groups: include/linux/cgroup-defs.h, kernel/cgroup/cgroup-internal.h */
struct list_head {
	struct list_head *next;
};

struct cgroup_root {
	int hierarchy_id;
	char name[64]; /* of a v1 hierarchy without controllers */
};

struct cgroup {
	struct kernfs_node *kn;
	struct cgroup_root *root;
};

struct cgrp_cset_link {
	struct cgroup *cgrp;
	struct list_head cgrp_link;
};

struct css_set {
	struct cgroup *dfl_cgrp;     /* of the v2 hierarchy */
	struct list_head cgrp_links; /* of all hierarchies */
};

/* Credentials: include/linux/{cred,capability,user_namespace}.h */
typedef struct {
	__u64 val;
} kernel_cap_t;

struct user_namespace {
	struct user_namespace *parent; /* NULL in the initial one */
};

struct cred {
	kernel_cap_t cap_effective;
	struct user_namespace *user_ns;
};

/* Tasks: include/linux/{sched,mm_types}.h */
struct mm_struct {
	struct file *exe_file;
};

typedef struct {
	__u32 val;
} kuid_t;

struct net;

struct nsproxy {
	struct net *net_ns;
};

struct task_struct {
	void *stack;
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct files_struct *files;
	struct nsproxy *nsproxy;
	struct css_set *cgroups;
	const struct cred *cred;
	kuid_t loginuid; /* with CONFIG_AUDIT */
	char comm[COMM_SIZE];
};

/* Network namespaces: include/net/{net_namespace,netns/ipv4}.h, include/linux/ns_common.h */
struct ns_common {
	unsigned int inum;
};

struct ctl_table_set;
struct ctl_table_root;
struct ctl_dir;

/* Sysctl: include/linux/sysctl.h, fs/proc/internal.h */
struct ctl_table {
	const char *procname;
	void *data;
	int maxlen;
	void *proc_handler;
};

struct rb_node {
	struct rb_node *rb_right;
	struct rb_node *rb_left;
};

struct rb_root {
	struct rb_node *rb_node;
};

struct ctl_table_header;

struct ctl_node {
	struct rb_node node;
	struct ctl_table_header *header;
};

struct ctl_table_header {
	struct ctl_table *ctl_table;
	struct ctl_node *node;
	void *unregistering;
	struct ctl_table_root *root;
	struct ctl_table_set *set;
	struct ctl_dir *parent;
	int ctl_table_size; /* from 6.6 on */
};

struct ctl_dir {
	struct ctl_table_header header;
	struct rb_root root;
};

struct ctl_table_set {
	struct ctl_dir dir;
};

struct ctl_table_root {
	struct ctl_table_set default_set;
};

struct proc_inode {
	struct ctl_table_header *sysctl;
	struct ctl_table *sysctl_entry;
	struct inode vfs_inode;
};

/* Context of a cgroup program for sysctls: include/linux/filter.h. */
struct bpf_sysctl_kern {
	struct ctl_table_header *head;
	struct ctl_table *table;
	void *new_val;
	unsigned long new_len;
};

/* Settings of a device: include/linux/inetdevice.h, include/linux/ipv6.h, include/net/{if_inet6,neighbour}.h.
 * The tables, of which the pointer to the header is the first member, are private to their source files. */
struct ipv4_devconf {
	void *sysctl;
	int data[1];
};

struct ipv6_devconf {
	struct ctl_table_header *sysctl_header;
};

struct neigh_table;

struct neigh_parms {
	struct neigh_table *tbl;
	void *sysctl_table;
};

struct neigh_table {
	struct neigh_parms parms;
};

struct in_device {
	struct neigh_parms *arp_parms;
	struct ipv4_devconf cnf;
};

struct inet6_dev {
	struct neigh_parms *nd_parms;
	struct ipv6_devconf cnf;
};

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

struct net_device;

struct net {
	struct ctl_table_set sysctls;
	struct net_device *loopback_dev;
	struct hlist_head *dev_name_head;
	struct hlist_head *dev_index_head;
	__u32 hash_mix;
	__u64 net_cookie;
	struct user_namespace *user_ns; /* its owner */
	struct ns_common ns;
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
	enum bpf_prog_type type;
	__u8 tag[8];
	struct bpf_prog_aux *aux;
};

struct bpf_link {
	enum bpf_link_type type;
	struct bpf_prog *prog;
};

struct net_device;

struct bpf_xdp_link {
	struct bpf_link link;
	struct net_device *dev;
	int flags;
};

struct bpf_xdp_entity {
	struct bpf_prog *prog;
	struct bpf_xdp_link *link;
};

/* Modules: include/linux/module.h */
struct module {
	char name[56];
};

/* Queueing disciplines: include/net/sch_generic.h */
struct Qdisc_ops {
	char id[IFNAME_SIZE];
};

struct Qdisc {
	const struct Qdisc_ops *ops;
	__u32 handle;
};

/* Devices: include/linux/netdevice.h */
struct net_device_ops {
	void *ndo_bpf;
};

struct netdev_tc_txq {
	__u16 count;
	__u16 offset;
};

struct kobject {
	const char *name;
};

struct device {
	struct kobject kobj;
};

struct net_device {
	char name[IFNAME_SIZE];
	int ifindex;
	const struct net_device_ops *netdev_ops;
	unsigned int flags;
	unsigned int mtu;
	unsigned int tx_queue_len;
	unsigned char addr_len;
	const unsigned char *dev_addr;
	struct Qdisc *qdisc; /* the root */
	struct in_device *ip_ptr;
	struct inet6_dev *ip6_ptr;
	possible_net_t nd_net;
	struct device dev;
	struct bpf_xdp_entity xdp_state[3];
	struct hlist_node index_hlist;
	struct netdev_queue *_tx;
	unsigned int num_tx_queues;
	unsigned int num_rx_queues;
	__s16 num_tc;
	struct netdev_tc_txq tc_to_txq[16];
	struct xps_dev_maps *xps_maps[2];
};

struct netdev_name_node {
	struct hlist_node hlist;
	struct net_device *dev;
	const char *name;
};

enum netdev_cmd {
	NETDEV_CHANGEADDR = 8,
};

enum bpf_netdev_command {
	XDP_SETUP_PROG,
	XDP_SETUP_PROG_HW,
};

struct netdev_bpf {
	enum bpf_netdev_command command;
	struct bpf_prog *prog;
};

/* Queues: include/linux/{netdevice,kobject}.h, include/net/{netdev_rx_queue,rps}.h, net/core/dev.h */
struct rps_map {
	unsigned int len;
	__u16 cpus[];
};

struct rps_dev_flow_table {
	__u8 log;
};

struct netdev_rx_queue {
	struct rps_map *rps_map;
	struct rps_dev_flow_table *rps_flow_table;
	struct kobject kobj;
	struct net_device *dev;
};

struct netdev_queue {
	struct net_device *dev;
	struct net_device *sb_dev;
	struct Qdisc *qdisc_sleeping; /* the configured one */
	struct kobject kobj;
};

struct xps_map {
	unsigned int len;
	__u16 queues[];
};

struct xps_dev_maps {
	unsigned int nr_ids;
	__s16 num_tc;
	struct xps_map *attr_map[];
};

/* Interrupts: include/linux/{cpumask,irq,irqdesc,interrupt}.h */
struct cpumask {
	unsigned long bits[1]; /* really as many as there are CPUs */
};

struct irq_common_data {
	unsigned int state_use_accessors;
	struct cpumask *affinity;
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

/* Sockets and netlink: include/linux/{net,skbuff}.h, include/net/sock.h, net/netlink/af_netlink.h,
 * net/ethtool/netlink.h */
struct sk_buff {
	struct sk_buff *next;
	struct sk_buff *prev;
	struct sock *sk;
	unsigned char *data;
};

struct sk_buff_head {
	struct sk_buff *next;
	struct sk_buff *prev;
};

struct sock_common {
	unsigned short skc_family;
	possible_net_t skc_net;
};

struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	__u16 sk_protocol;
};

struct socket {
	struct sock *sk;
};

struct netlink_sock {
	struct sock sk;
	__u32 dst_portid;
};

struct ethnl_req_info {
	struct net_device *dev;
};

#pragma clang attribute pop

#endif
