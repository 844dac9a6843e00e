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

struct inode {
	unsigned short i_mode;
};

struct file {
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

/* Tasks: include/linux/{sched,mm_types}.h */
struct mm_struct {
	struct file *exe_file;
};

struct net;

struct nsproxy {
	struct net *net_ns;
};

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	struct task_struct *group_leader;
	struct mm_struct *mm;
	struct files_struct *files;
	struct nsproxy *nsproxy;
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

struct hlist_node {
	struct hlist_node *next;
};

struct hlist_head {
	struct hlist_node *first;
};

struct net {
	struct hlist_head *dev_name_head;
	struct hlist_head *dev_index_head;
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

/* Devices: include/linux/{netdevice,inetdevice}.h */
struct net_device_ops {
	void *ndo_bpf;
};

struct net_device {
	char name[IFNAME_SIZE];
	int ifindex;
	const struct net_device_ops *netdev_ops;
	possible_net_t nd_net;
	struct bpf_xdp_entity xdp_state[3];
	struct hlist_node index_hlist;
};

struct netdev_name_node {
	struct hlist_node hlist;
	struct net_device *dev;
	const char *name;
};

enum bpf_netdev_command {
	XDP_SETUP_PROG,
	XDP_SETUP_PROG_HW,
};

struct netdev_bpf {
	enum bpf_netdev_command command;
	struct bpf_prog *prog;
};

struct in_device {
	struct net_device *dev;
	struct ipv4_devconf cnf;
};

/* Sysctl: include/linux/sysctl.h */
struct ctl_table {
	const char *procname;
	void *data;
	int maxlen;
	void *extra1;
	void *extra2;
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
