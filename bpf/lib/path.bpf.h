/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_PATH_BPF_H
#define NETCHANGE_PATH_BPF_H

#include "bpf/abi/path.h"
#include "bpf/lib/compat.bpf.h"

/*
 * Adds a component on the side of the root. Returns its size with its NUL; 0 if there is no space or no name.
 * The length is in the record, because the verifier would track every possible range of a local variable.
 */
static __always_inline __u32 path_add(struct path_parts *path, const void *name)
{
	__u32 at = path->length;
	long size;

	if (at >= PATH_PARTS_SIZE)
		return 0;
	barrier_var(at); /* otherwise clang drops the mask, which the verifier needs */
	at &= PATH_PARTS_SIZE - 1;
	size = bpf_probe_read_kernel_str(&path->parts[at], PATH_NAME_SIZE, name);
	if (size <= 0)
		return 0;
	path->length = at + size;
	return size;
}

/* Copies what is used of a path. */
static __always_inline void path_copy(struct path_parts *to, const struct path_parts *from)
{
	__u64 size = from->length;

	to->length = size;
	to->incomplete = from->incomplete;
	to->reserved = 0;
	barrier_var(size); /* otherwise clang may drop the comparison, which the verifier needs */
	if (size <= sizeof(to->parts))
		bpf_probe_read_kernel(to->parts, size, from->parts);
}

#endif
