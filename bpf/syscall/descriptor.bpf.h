/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Files and sockets behind the descriptors of the current task. */
#ifndef NETCHANGE_DESCRIPTOR_BPF_H
#define NETCHANGE_DESCRIPTOR_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/kernel_types.h"

/* Magic numbers of superblocks: linux/magic.h */
#define SYSFS_MAGIC      0x62656572
#define PROC_SUPER_MAGIC 0x9fa0
#define SOCKFS_MAGIC     0x534F434B

/* NULL if there is none. */
static __always_inline struct file *file_of(__u32 descriptor)
{
	struct file **files, *file = NULL;
	__u32 size;

	files = current_files(&size);
	if (descriptor < size)
		bpf_probe_read_kernel(&file, sizeof(file), files + descriptor);
	return file;
}

/* Magic number of the file system; 0 without a file. */
static __always_inline __u64 magic_of(struct file *file)
{
	return BPF_CORE_READ(file, f_path.dentry, d_sb, s_magic);
}

/* The socket of a file. The file must be a socket. */
static __always_inline struct sock *socket_of_file(struct file *file)
{
	struct socket *socket = BPF_CORE_READ(file, private_data);

	return BPF_CORE_READ(socket, sk);
}

/* NULL if the descriptor is not a socket. */
static __always_inline struct sock *socket_of(__u32 descriptor)
{
	struct file *file = file_of(descriptor);

	return magic_of(file) == SOCKFS_MAGIC ? socket_of_file(file) : NULL;
}

static __always_inline struct net *namespace_of(struct sock *socket)
{
	return BPF_CORE_READ(socket, __sk_common.skc_net.net);
}

#endif
