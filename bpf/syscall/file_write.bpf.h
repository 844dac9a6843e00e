/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to files of sysfs and proc. A file is recognised by its file system, its name and the directory
 * above its own: <file system>/…/<directory>/<any name>/<file>. The file for all interrupts is in
 * <directory>.
 */
#ifndef NETCHANGE_FILE_WRITE_BPF_H
#define NETCHANGE_FILE_WRITE_BPF_H

#include "bpf/lib/text.bpf.h"
#include "bpf/syscall/system_call.bpf.h"

#define MODE_WRITE       2  /* FMODE_WRITE of linux/fs.h */
#define FILE_NAME_SIZE   24 /* the longest wanted name is "default_smp_affinity" */
#define FOLDER_NAME_SIZE 8  /* "queues" */

/* A set of name lengths, as bits. */
#define LENGTH_BIT(name) (1U << (sizeof(name) - 1))

static __always_inline bool has_length(struct dentry *dentry, __u32 lengths)
{
	__u32 length = BPF_CORE_READ(dentry, d_name.len);

	return length < FILE_NAME_SIZE && lengths >> length & 1;
}

/* True if the directory above the file's own has this name; `size` includes the NUL. */
static __always_inline bool is_below(struct dentry *dentry, const char *name, int size)
{
	char folder[FOLDER_NAME_SIZE] = {};

	bpf_probe_read_kernel_str(folder, sizeof(folder),
				  BPF_CORE_READ(dentry, d_parent, d_parent, d_name.name));
	return same_bytes(folder, name, size);
}

/* The same of the file's own directory. */
static __always_inline bool is_in(struct dentry *dentry, const char *name, int size)
{
	char folder[FOLDER_NAME_SIZE] = {};

	bpf_probe_read_kernel_str(folder, sizeof(folder), BPF_CORE_READ(dentry, d_parent, d_name.name));
	return same_bytes(folder, name, size);
}

/* The name of the call's file, zero-padded to FILE_NAME_SIZE bytes. */
static __always_inline const char *read_file_name(struct system_call *call)
{
	struct file *file = call->file; /* CO-RE cannot begin in a structure of our own */
	char *name = call->name.text;

	__builtin_memset(name, 0, FILE_NAME_SIZE);
	bpf_probe_read_kernel_str(name, FILE_NAME_SIZE, BPF_CORE_READ(file, f_path.dentry, d_name.name));
	return name;
}

/* The kobject of the directory of a sysfs file. */
static __always_inline void *kobject_of(struct file *file)
{
	struct kernfs_node *folder = BPF_CORE_READ(file, f_path.dentry, d_parent, d_inode, i_private);

	return BPF_CORE_READ(folder, priv);
}

#define MODE_TYPE 0170000 /* S_IFMT of linux/stat.h, and two of its types */
#define MODE_PIPE 0010000 /* S_IFIFO */
#define MODE_FILE 0100000 /* S_IFREG */

/* True if sendfile() or splice() can copy from the one to the other: otherwise it fails, and nothing is
 * written. `type`: what the call copies from. */
static __always_inline bool can_copy(struct file *from, struct file *to, __u32 type)
{
	return (BPF_CORE_READ(from, f_inode, i_mode) & MODE_TYPE) == type &&
	       BPF_CORE_READ(to, f_op, splice_write);
}

/* The text at `memory`: `count` bytes, or an array of `count` pieces. */
static __always_inline void read_text_place(struct system_call *call, const struct netlink_send *text)
{
	struct iovec piece = {.iov_base = (void *)text->memory, .iov_len = text->count};

	if (text->form == SEND_VECTOR) {
		piece = (struct iovec){};
		bpf_probe_read_user(&piece, sizeof(piece), (const void *)text->memory);
		if (text->count != 1)
			piece = (struct iovec){.iov_len = text->count};
	}
	call->memory = piece.iov_base;
	call->size = piece.iov_len;
}

#endif
