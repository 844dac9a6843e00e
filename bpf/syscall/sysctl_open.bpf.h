/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Sysctls that a process may not open for writing: open(), openat() and openat2() that end with EACCES. Only
 * the exit of these calls is traced, and it returns at once for any other result.
 *
 * The path has to begin with /proc/sys/net/. Its name is looked up as the kernel does
 * (fs/proc/proc_sysctl.c), in the tables of the caller's namespace: what a process invents is not found, and
 * not counted.
 */
#ifndef NETCHANGE_SYSCALL_SYSCTL_OPEN_BPF_H
#define NETCHANGE_SYSCALL_SYSCTL_OPEN_BPF_H

#include <linux/errno.h>
#include <linux/fcntl.h>

#include "bpf/sysctl.bpf.h"
#include "bpf/syscall/system_call.bpf.h"

#define SYSCTL_FOLDER "/proc/sys/"
#define SYSCTL_NET    "/proc/sys/net/"
#define TREE_DEPTH    32 /* steps in one directory: enough for 65,000 entries */

/* Numbers of asm/unistd.h, which are those of 32-bit programs when it is compiled for BPF. */
#if defined(__TARGET_ARCH_x86)
#define NUMBER_OPEN 2
#else
#define NUMBER_OPEN (-1)
#endif
#define NUMBER_OPENAT2 437 /* of every architecture */

/* The words of the name that is looked up; it is not needed for a refused open otherwise. */
static __always_inline __u64 *name_part(struct sysctl_call *call)
{
	return (__u64 *)call->write.written.bytes;
}

#define BYTES_OF(byte) (0x0101010101010101ULL * (byte))

/* Bits of the bytes of a word before its first '/' or NUL; all bits without one. Without a loop over bytes,
 * which is too much work for older verifiers. */
static __always_inline __u64 bytes_before_end(__u64 word)
{
	__u64 slash = word ^ BYTES_OF('/');
	__u64 ends = ((word - BYTES_OF(1)) & ~word) | ((slash - BYTES_OF(1)) & ~slash);

	ends &= BYTES_OF(0x80); /* exact up to the first one */
	return ends ? ((ends & -ends) >> 7) - 1 : ~0ULL;
}

/* Reads one part of the path, zero-padded. Returns its length, 0 if there is none. */
__noinline int read_path_part(__u64 path)
{
	struct sysctl_call *call = is_traced(COLLECTOR_SYSCTL) ? sysctl_call_find(SYSCTL_OPEN) : NULL;
	__u64 part[PART_SIZE / 8] = {}, goes_on = ~0ULL, length = 0;

	if (!call || bpf_probe_read_user_str(part, sizeof(part), (const void *)path) <= 0)
		return 0;
	_Pragma("unroll") for (int word = 0; word < PART_SIZE / 8; word++)
	{
		__u64 before = bytes_before_end(part[word]) & goes_on;

		part[word] &= before;
		length += (before & BYTES_OF(1)) * BYTES_OF(1) >> 56;
		if (before != ~0ULL)
			goes_on = 0;
	}
	__builtin_memcpy(name_part(call), part, sizeof(part));
	return (int)length;
}

/* As memcmp(): the first different letter decides, and zeros follow a name. */
static __always_inline int compare_names(const __u64 *a, const __u64 *b)
{
	_Pragma("unroll") for (int word = 0; word < PART_SIZE / 8; word++)
	{
		if (a[word] != b[word])
			return __builtin_bswap64(a[word]) < __builtin_bswap64(b[word]) ? -1 : 1;
	}
	return 0;
}

static __always_inline struct ctl_table *entry_of(struct ctl_node *node)
{
	struct ctl_table_header *header = BPF_CORE_READ(node, header);
	__u64 first = (__u64)BPF_CORE_READ(header, node);
	__u64 index = ((__u64)node - first) / bpf_core_type_size(struct ctl_node);

	return (void *)BPF_CORE_READ(header, ctl_table) + index * bpf_core_type_size(struct ctl_table);
}

#define NODE_FOUND 1 /* in the lowest bit of a node's address */

/* One step in the tree of a directory. Returns the next node; 0: no such name. */
__noinline __u64 next_node(__u64 address)
{
	struct sysctl_call *call = is_traced(COLLECTOR_SYSCTL) ? sysctl_call_find(SYSCTL_OPEN) : NULL;
	struct ctl_node *node = (struct ctl_node *)address; /* begins with its rb_node */
	struct ctl_table *entry = entry_of(node);
	__u64 name[PART_SIZE / 8] = {};
	int order;

	if (!call || bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(entry, procname)) <= 0)
		return 0;
	order = compare_names(name_part(call), name);
	if (order < 0)
		return (__u64)BPF_CORE_READ(node, node.rb_left);
	if (order > 0)
		return (__u64)BPF_CORE_READ(node, node.rb_right);
	return address | NODE_FOUND;
}

/* The node of the part in a directory; 0 if there is none. */
__noinline __u64 find_in_directory(__u64 directory)
{
	__u64 node = (__u64)BPF_CORE_READ((struct ctl_dir *)directory, root.rb_node);

	for (int i = 0; i < TREE_DEPTH; i++) {
		if (!node)
			return 0;
		node = next_node(node);
		if (node & NODE_FOUND)
			return node & ~(__u64)NODE_FOUND;
	}
	return 0;
}

/* The node of the file at the rest of a path, in the tables of the caller's namespace; 0: none. */
__noinline __u64 find_sysctl(__u64 path)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct net *net = BPF_CORE_READ(task, nsproxy, net_ns);
	__u64 directory = (__u64)net + bpf_core_field_offset(struct net, sysctls.dir), node = 0;

	for (int i = 0; i < MAX_PARTS; i++) {
		int length = read_path_part(path);
		char after = 0;

		if (length <= 0)
			return 0;
		path += length;
		node = find_in_directory(directory);
		if (!node || bpf_probe_read_user(&after, 1, (const void *)path))
			return 0;
		if (!after)
			return node;
		path++;
		directory = (__u64)BPF_CORE_READ((struct ctl_node *)node, header); /* begins the ctl_dir */
	}
	return 0;
}

static __always_inline bool asks_to_write(__u64 flags)
{
	return flags & (O_ACCMODE | O_TRUNC);
}

/* Path and flags of the call that ends. */
static __always_inline const char *refused_path(__u64 number, __u64 *flags)
{
	const void *registers = current_registers();
	bool is_open = (int)number == NUMBER_OPEN;
	__u64 first = 0, second = 0, third = 0;

	bpf_probe_read_kernel(&first, sizeof(first), ARGUMENT_1(registers));
	bpf_probe_read_kernel(&second, sizeof(second), ARGUMENT_2(registers));
	bpf_probe_read_kernel(&third, sizeof(third), ARGUMENT_3(registers));
	*flags = is_open ? second : third;
	if ((int)number == NUMBER_OPENAT2 && bpf_probe_read_user(flags, sizeof(*flags), (const void *)third))
		*flags = 0; /* struct open_how begins with the flags */
	return (const char *)(is_open ? first : second);
}

/* Begins the record of a refused open. The stack is too small for this and what follows in one function. */
__noinline int begin_refused_open(void)
{
	return is_traced(COLLECTOR_SYSCTL) && sysctl_call_begin(SYSCTL_OPEN);
}

/* `address`: the kernel's entry of the file, 0 if there is none. True if the configuration includes it. */
__noinline int name_refused_open(__u64 address)
{
	struct ctl_node *node = (void *)address;
	struct sysctl_call *call;
	bool wanted;

	if (!is_traced(COLLECTOR_SYSCTL))
		return 0;
	call = sysctl_call_find(SYSCTL_OPEN);
	if (!call)
		return 0;
	__builtin_memset(call->write.written.bytes, 0, sizeof(call->write.written.bytes));
	wanted = node && name_write(call, BPF_CORE_READ(node, header), entry_of(node));
	if (!wanted)
		sysctl_call_end();
	return wanted;
}

__noinline int record_refused_open(int result)
{
	struct sysctl_call *call = is_traced(COLLECTOR_SYSCTL) ? sysctl_call_find(SYSCTL_OPEN) : NULL;

	if (!call)
		return 0;
	record_sysctl_write(0, result);
	sysctl_call_end();
	return 0;
}

static __always_inline void refused_open(__u64 number, int result)
{
	char begin[sizeof(SYSCTL_NET)] = {};
	const char *path;
	__u64 flags;

	path = refused_path(number, &flags);
	if (!asks_to_write(flags) || bpf_probe_read_user(begin, sizeof(begin) - 1, path) ||
	    !same_bytes(begin, SYSCTL_NET, sizeof(SYSCTL_NET)))
		return;
	if (begin_refused_open() && name_refused_open(find_sysctl((__u64)path + sizeof(SYSCTL_FOLDER) - 1)))
		record_refused_open(result);
}

#endif
