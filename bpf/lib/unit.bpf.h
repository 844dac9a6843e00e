/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Names of systemd units and containers. The unit of a cgroup is the topmost one of its path: the names above
 * it are chosen by root, those below it by whoever the unit was delegated to. read_component() finds it, for
 * which it has to walk the whole path.
 */
#ifndef NETCHANGE_UNIT_BPF_H
#define NETCHANGE_UNIT_BPF_H

#include "bpf/abi/cgroup.h"
#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/path_reading.bpf.h"
#include "bpf/lib/text.bpf.h"

#define CONTAINER_ID 64              /* hexadecimal digits */
#define MAX_CUT      (UNIT_SIZE - 9) /* leaves space for ".service" and the NUL */

/* Text as numbers, least significant byte first. */
#define TEXT_SERVICE    0x656369767265732eULL     /* ".service" */
#define TEXT_SCOPE      0x0000000065706f63732eULL /* ".scope" */
#define TEXT_RUN        0x2d6e7572ULL             /* "run-" */
#define TEXT_DBUS       0x3a2d73756264ULL         /* "dbus-:" */
#define TEXT_LXC        0x2e63786cULL             /* "lxc." */
#define TEXT_PAYLOAD    0x2e64616f6c796170ULL     /* "payload." */
#define TEXT_CONTAINERD 0x656e6961746e6f63ULL     /* "containe" */
#define TEXT_CONMON     0x2d6e6f6d6e6f63ULL       /* "conmon-" */
#define TEXT_ZEROES     0x3030303030303030ULL     /* "00000000" */
#define BYTES(n)        ((1ULL << (8 * (n))) - 1)

/* Marks the letters of a word that are none of 0123456789abcdef, by their highest bits. All eight are
 * compared at once: `at_least_a` marks those that are at least an "a". */
static __always_inline __u64 not_hexadecimal(__u64 text)
{
	const __u64 each = 0x0101010101010101ULL, high = 0x80 * each;
	__u64 at_least_0 = (text | high) - '0' * each, above_9 = (text | high) - ('9' + 1) * each;
	__u64 at_least_a = (text | high) - 'a' * each, above_f = (text | high) - ('f' + 1) * each;

	return (((at_least_0 & ~above_9) | (at_least_a & ~above_f)) & ~text & high) ^ high;
}

/*
 * Containers end with their id: "docker-<id>.scope", "cri-containerd-<id>.scope", "<id>". `end`: where the id
 * ends. The engines' monitors, "libpod-conmon-<id>.scope", are no containers.
 */
static __always_inline bool is_container(__u64 name, __u64 end)
{
	__u64 others = 0; /* letters that are not in an id */

	if (eight_bytes_at(name + 4) == TEXT_PAYLOAD && (eight_bytes_at(name) & BYTES(4)) == TEXT_LXC)
		return true;
	if (end - name < CONTAINER_ID)
		return false;
	for (int i = 0; i < CONTAINER_ID; i += 8)
		others |= not_hexadecimal(eight_bytes_at(end - CONTAINER_ID + i));
	if (others)
		return false;
	return end - name < CONTAINER_ID + 7 ||
	       (eight_bytes_at(end - CONTAINER_ID - 7) & BYTES(7)) != TEXT_CONMON;
}

static __always_inline bool is_digit(__u8 c)
{
	return c >= '0' && c <= '9';
}

/* A transient unit of systemd-run: "run-u17", "run-p17-i18", "run-r" and a random number. */
static __always_inline bool is_transient(__u64 head)
{
	__u8 kind = head >> 32, next = head >> 40, third = head >> 48;

	if ((head & BYTES(4)) != TEXT_RUN)
		return false;
	if (kind == 'u' || kind == 'p')
		return is_digit(next);
	return kind == 'r' && !not_hexadecimal((TEXT_ZEROES & ~BYTES(2)) | third << 8 | next);
}

/* Where a word has this letter: 0 to 7, or 8. Compares eight letters at once: the lowest bit of `found` marks
 * the first that is equal. */
__noinline __u32 find_in_word(__u64 word, __u64 letter)
{
	const __u64 each = 0x0101010101010101ULL, high = 0x80 * each;
	__u64 differs = word ^ letter * each;
	__u64 found = (differs - each) & ~differs & high;
	__u64 below = (found & -found) - 1;

	return found ? ((below & each) * each >> 56) - 1 : 8;
}

/* Where a unit's name has this letter; UNIT_SIZE if it has none. */
static __always_inline __u32 find_letter(const char *unit, __u64 letter)
{
	const __u64 *words = (const __u64 *)unit;
	__u32 at;

	for (int i = 0; i < UNIT_SIZE / 8; i++) {
		at = find_in_word(words[i], letter);
		if (at < 8)
			return i * 8 + at;
	}
	return UNIT_SIZE;
}

/* The length of the part of a unit's name that all of its kind share; 0 if the name stays as it is. */
static __always_inline __u32 find_cut(const struct path_reading *reading)
{
	__u64 head = eight_bytes_at(reading->unit);
	__u32 cut;

	if (reading->is_service && is_transient(head))
		return 3;
	if (reading->is_service && (head & BYTES(6)) == TEXT_DBUS)
		return 4;
	cut = find_letter(reading->names.unit, reading->is_service ? '@' : '-');
	if (cut < MAX_CUT)
		return cut + reading->is_service;
	return reading->unit_length < UNIT_SIZE ? 0 : MAX_CUT;
}

static __always_inline void fold_unit(struct path_reading *reading)
{
	char *unit = reading->names.unit;
	__u32 cut;

	bpf_probe_read_kernel_str(unit, UNIT_SIZE, (const void *)reading->unit);
	cut = find_cut(reading);
	barrier_var(cut); /* otherwise clang drops the mask, which older verifiers need */
	cut &= UNIT_SIZE - 1;
	if (!cut || cut > MAX_CUT)
		return;
	__builtin_memset(&reading->names.unit, 0, UNIT_SIZE);
	bpf_probe_read_kernel(unit, cut, (const void *)reading->unit);
	if (reading->is_service)
		__builtin_memcpy(&unit[cut], ".service", 8);
	else
		__builtin_memcpy(&unit[cut], ".scope", 6);
}

__noinline int read_unit(void)
{
	struct path_reading *reading = current_reading();

	if (!reading)
		return 0;
	if (!reading->complete)
		__builtin_memcpy(reading->names.unit, "unknown", sizeof("unknown"));
	else if (reading->in_container)
		__builtin_memcpy(reading->names.unit, "container", sizeof("container"));
	else if (reading->unit)
		fold_unit(reading);
	return 0;
}

#endif
