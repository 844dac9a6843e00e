/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to files of sysfs and proc as system calls, for kernels where no function can be looked at. A file
 * is known by its names and its file system, not by what is written.
 */
#ifndef NETCHANGE_FILE_WRITE_BPF_H
#define NETCHANGE_FILE_WRITE_BPF_H

#include <linux/uio.h>

#include "bpf/syscall/syscall.bpf.h"
#include "bpf/lib/text.bpf.h"

#define SYSFS_MAGIC      0x62656572 /* linux/magic.h */
#define PROC_SUPER_MAGIC 0x9fa0
#define MODE_WRITE       2  /* FMODE_WRITE of linux/fs.h */
#define FILE_NAME_SIZE   24 /* "smp_affinity_list" is the longest that anybody looks for */

struct file_write {
	struct file *file;
	struct dentry *dentry;
	__u64 text; /* user address; 0 if it is in several pieces */
	__u64 size; /* bytes */
	char name[FILE_NAME_SIZE];
};

static __always_inline bool has_name(struct dentry *dentry, const char *name, int size)
{
	char found[FILE_NAME_SIZE] = {};

	bpf_probe_read_kernel_str(found, sizeof(found), BPF_CORE_READ(dentry, d_name.name));
	return same_bytes(found, name, size);
}

#define LENGTH_OF(name) (1U << (sizeof(name) - 1))

/*
 * Whether this may be a write to a file whose name has one of these `lengths`; then its name is read. That is
 * all that other writes cost.
 */
static __always_inline bool is_write_to(struct file_write *write, __u32 lengths)
{
	struct file *file = write->file;
	struct dentry *dentry = BPF_CORE_READ(file, f_path.dentry);
	__u32 length = BPF_CORE_READ(dentry, d_name.len);

	if (length >= FILE_NAME_SIZE || !(lengths >> length & 1) || !write->size)
		return false;
	write->dentry = dentry;
	bpf_probe_read_kernel_str(write->name, sizeof(write->name), BPF_CORE_READ(dentry, d_name.name));
	return BPF_CORE_READ(file, f_mode) & MODE_WRITE;
}

/* Whether it is <file system>/…/<folder>/<any name>/<the file>. */
static __always_inline bool is_file_of(const struct file_write *write, __u64 magic, const char *folder,
				       int size)
{
	struct dentry *dentry = write->dentry;

	return BPF_CORE_READ(dentry, d_sb, s_magic) == magic &&
	       has_name(BPF_CORE_READ(dentry, d_parent, d_parent), folder, size);
}

/* The kobject whose folder a file of sysfs is in. */
static __always_inline void *kobject_of(struct dentry *dentry)
{
	struct kernfs_node *folder = BPF_CORE_READ(dentry, d_parent, d_inode, i_private);

	return BPF_CORE_READ(folder, priv);
}

static __always_inline void read_buffer(struct file_write *write, const __u64 *arguments)
{
	write->file = file_of((__u32)arguments[0]);
	write->text = arguments[1];
	write->size = arguments[2];
}

static __always_inline void read_vector(struct file_write *write, const __u64 *arguments)
{
	struct iovec piece = {};

	write->file = file_of((__u32)arguments[0]);
	bpf_probe_read_user(&piece, sizeof(piece), (const void *)arguments[1]);
	write->text = arguments[2] == 1 ? (__u64)piece.iov_base : 0;
	write->size = arguments[2] == 1 ? piece.iov_len : arguments[2];
}

#define FILE_WRITE(call, read, enter)                                    \
	static __always_inline void call##_enter(const __u64 *arguments) \
	{                                                                \
		struct file_write write = {};                            \
                                                                         \
		read(&write, arguments);                                 \
		enter(&write);                                           \
	}                                                                \
                                                                         \
	SYSTEM_CALL_ENTER(call, call##_enter)

/* The entries of the system calls that write to a file; enter(struct file_write *) */
#define FILE_WRITES(enter)                       \
	FILE_WRITE(write, read_buffer, enter)    \
	FILE_WRITE(pwrite64, read_buffer, enter) \
	FILE_WRITE(writev, read_vector, enter)

#endif
