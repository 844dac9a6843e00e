/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Names of devices, and the kernel's hash of a name. */
#ifndef NETCHANGE_SYSCALL_DEVICE_NAME_BPF_H
#define NETCHANGE_SYSCALL_DEVICE_NAME_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/device_index.bpf.h"
#include "bpf/lib/kernel_types.h"

#define ALTNAME_SIZE    128 /* ALTIFNAMSIZ of linux/if.h */
#define ALTNAME_WORDS   (ALTNAME_SIZE / 8)
#define GOLDEN_RATIO_32 0x61C88647 /* include/linux/hash.h */
#define GOLDEN_RATIO_64 0x61C8864680B583EBULL

/* A name, zero-padded: a device's own name, or an alternative one, which may be longer. */
union any_name {
	char text[ALTNAME_SIZE];
	__u64 words[ALTNAME_WORDS];
};

static __always_inline __u64 rotate_left(__u64 word, int by)
{
	return word << by | word >> (64 - by);
}

/*
 * The kernel's full_name_hash() (fs/namei.c, CONFIG_DCACHE_WORD_ACCESS) of at most 16 bytes, with the
 * namespace's address as salt. Bytes after the end must be zero, as the kernel's mask makes them.
 */
static __always_inline __u32 hash_of_name(struct net *net, const union any_name *name)
{
	__u64 x = 0, y = (__u64)net;

	for (int i = 0; i < 2; i++) {
		x ^= name->words[i];
		if (!name->text[8 * i + 7])
			break; /* not a full word, so the last one */
		y ^= x;
		x = rotate_left(x, 12) + y;
		y = rotate_left(y, 45) * 9;
	}
	y = (y ^ x * GOLDEN_RATIO_64) * GOLDEN_RATIO_64;
	return (__u32)(y >> 32) * (__u32)GOLDEN_RATIO_32 >> (32 - NETDEV_HASHBITS);
}

static __always_inline bool same_name(const union any_name *a, const union any_name *b)
{
	for (int i = 0; i < ALTNAME_WORDS; i++)
		if (a->words[i] != b->words[i])
			return false;
	return true;
}

/* Reads a name as dev_ioctl() does: without a colon and what follows it. Returns whether there is a colon. */
static __always_inline bool read_ioctl_name(union any_name *name, const char *asked)
{
	__u64 end = 0, colon = 0, is_colon; /* 0 or 1; without branches, to keep the verifier's work small */

	__builtin_memset(name, 0, sizeof(*name));
	for (int i = 0; i < IFNAME_SIZE - 1; i++) {
		is_colon = is_zero((__u8)asked[i] ^ ':');
		colon |= is_colon & ~end;
		end |= is_colon | is_zero((__u8)asked[i]);
		name->text[i] = asked[i] & (end - 1);
	}
	return colon;
}

#endif
