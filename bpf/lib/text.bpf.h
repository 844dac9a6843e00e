/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
#ifndef NETCHANGE_TEXT_BPF_H
#define NETCHANGE_TEXT_BPF_H

#include <stdbool.h>

#include "bpf/lib/compat.bpf.h"

#define OTHER "other" /* instead of names that do not fit in a map */

/* True if the first `size` bytes are equal. Without branches, to keep the verifier's work small. The builtin
 * would call memcmp(), which BPF does not have. */
static __always_inline bool same_bytes(const char *a, const char *b, int size)
{
	__u64 differs = 0;

	for (int i = 0; i < size; i++)
		differs |= a[i] ^ b[i];
	return !differs;
}

/* Eight bytes of the kernel's memory, to compare them at once; 0 if they cannot be read. */
static __always_inline __u64 eight_bytes_at(__u64 address)
{
	__u64 bytes = 0;

	bpf_probe_read_kernel(&bytes, sizeof(bytes), (const void *)address);
	return bytes;
}

#endif
