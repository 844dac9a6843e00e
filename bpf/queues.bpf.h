/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes to the files of queues: values, maps and counting (queues.bpf.c, syscall/queues.bpf.h). */
#ifndef NETCHANGE_QUEUES_BPF_H
#define NETCHANGE_QUEUES_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/config_write.bpf.h"
#include "bpf/lib/device.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/lib/result.bpf.h"

#define MASK_BITS      (8 * SETTING_VALUE_SIZE) /* bits that a value can store */
#define RPS_STEPS      32                       /* of reading the CPUs of a receive queue */
#define STEP_CPUS      16
#define MAX_XPS_QUEUES 32 /* transmit queues read of a CPU or queue */
#define TC_MAX_QUEUE   16
#define QUEUES_A_WORD  4
#define NO_QUEUE       0xff

enum queue_file {
	FILE_RPS_CPUS,
	FILE_RPS_FLOW_CNT,
	FILE_XPS_CPUS,
	FILE_XPS_RXQS,
};

struct queue_call {
	struct call_head head;
	struct config_write write;
	__u64 queue; /* struct netdev_rx_queue * for RPS, struct netdev_queue * for XPS */
	__u32 file;  /* enum queue_file */
	__u32 reserved;
	struct setting_value value; /* that is read now; for the verifier always at the same place */
};

CONFIG_MAPS(queues);
INFLIGHT_MAP(queues_calls, struct queue_call);
CONFIG_STEPS(queues, COLLECTOR_QUEUES, struct queue_call)

static __always_inline struct queue_call *queue_call_begin(void)
{
	return inflight_begin(COLLECTOR_QUEUES, &queues_calls, &queues_calls_zero);
}

static __always_inline struct queue_call *queue_call_find(void)
{
	return inflight_find(&queues_calls);
}

static __always_inline void queue_call_end(void)
{
	inflight_end(&queues_calls);
}

/* --- RPS ------------------------------------------------------------------------------------------------ */

/* Adds one set bit. Call in ascending order. */
static __always_inline void add_to_mask(struct setting_value *mask, __u32 bit)
{
	__u32 byte = bit / 8;

	mask->hash = (mask->hash ^ bit) * (__u32)HASH_PRIME;
	if (bit >= MASK_BITS) {
		mask->size = byte + 1;
		return;
	}
	barrier_var(byte); /* otherwise clang drops the mask, which the verifier needs */
	mask->bytes[byte & (SETTING_VALUE_SIZE - 1)] |= 1 << bit % 8;
}

/* Adds some CPUs of a list at the address `from` to the value that is read now; `count`: how many CPUs
 * remain. Returns 0 if they cannot be read. A global function, so that the verifier checks it once. */
__noinline int add_rps_cpus(__u64 from, __u32 count)
{
	struct queue_call *call = is_traced(COLLECTOR_QUEUES) ? queue_call_find() : NULL;
	struct setting_value *mask;
	__u16 cpu = 0;

	if (!call)
		return 0;
	mask = &call->value;
	for (__u32 i = 0; i < STEP_CPUS && i < count; i++) {
		if (bpf_probe_read_kernel(&cpu, sizeof(cpu), (const void *)(from + i * sizeof(cpu))))
			return 0;
		add_to_mask(mask, cpu);
	}
	return 1;
}

/* The kernel stores a list of the mask's online CPUs. Without a list, the mask is empty. */
static __always_inline void read_rps_cpus(struct setting_value *mask, void *source)
{
	struct netdev_rx_queue *queue = source;
	struct rps_map *map = BPF_CORE_READ(queue, rps_map);
	__u64 cpus = (__u64)map + bpf_core_field_offset(struct rps_map, cpus);
	__u32 count = map ? BPF_CORE_READ(map, len) : 0;

	if (count > RPS_STEPS * STEP_CPUS)
		return;
	mask->size = SETTING_VALUE_SIZE;
	for (__u32 i = 0; i < RPS_STEPS && i * STEP_CPUS < count; i++) {
		if (!add_rps_cpus(cpus + i * STEP_CPUS * sizeof(__u16), count - i * STEP_CPUS))
			return;
	}
	mask->type = VALUE_MASK;
}

/* --- XPS ------------------------------------------------------------------------------------------------ */

/* As netdev_txq_to_tc(): the first class whose range contains the queue; TC_MAX_QUEUE if none does. A global
 * function, for its stack. */
__noinline int class_of(__u64 device, __u32 queue)
{
	struct net_device *dev = (struct net_device *)device;
	struct netdev_tc_txq classes[TC_MAX_QUEUE] = {};

	if (!BPF_CORE_READ(dev, num_tc))
		return 0;
	bpf_probe_read_kernel(classes, sizeof(classes), &dev->tc_to_txq);
	for (__u32 i = 0; i < TC_MAX_QUEUE; i++)
		if (queue - classes[i].offset < classes[i].count)
			return i;
	return TC_MAX_QUEUE;
}

/* The index of a transmit queue on its device. */
static __always_inline __u32 index_of(struct netdev_queue *queue, struct net_device *own)
{
	return ((__u64)queue - (__u64)BPF_CORE_READ(own, _tx)) / bpf_core_type_size(struct netdev_queue);
}

#define UNKNOWN (-1)

/*
 * 1 if the list has the queue, 0 if not or without a list, UNKNOWN if it is too long. `place`: where the
 * kernel keeps the list's address. A global function, so that the verifier checks it once, not once for each
 * CPU. Four queues are compared at once, by the usual bit trick to find a zero among the parts of a word.
 */
__noinline int xps_list_has(__u64 place, __u32 queue)
{
	const __u64 ones = 0x0001000100010001ULL;
	__u64 queues[MAX_XPS_QUEUES / QUEUES_A_WORD], found = 0, size;
	struct xps_map *list = NULL;

	bpf_probe_read_kernel(&list, sizeof(list), (const void *)place);
	if (!list)
		return 0;
	size = BPF_CORE_READ(list, len) * (__u64)sizeof(__u16);
	__builtin_memset(queues, NO_QUEUE, sizeof(queues));
	barrier_var(size);
	if (size > sizeof(queues) ||
	    bpf_probe_read_kernel(queues, size, (void *)list + bpf_core_field_offset(struct xps_map, queues)))
		return UNKNOWN;
#pragma unroll
	for (int i = 0; i < MAX_XPS_QUEUES / QUEUES_A_WORD; i++) {
		__u64 differs = queues[i] ^ queue * ones;

		found |= (differs - ones) & ~differs & ones << 15;
	}
	return found ? 1 : 0;
}

/* The same for eight lists, `stride` bytes apart, as the bits of a byte. `count`: how many lists remain. */
__noinline int xps_lists_have(__u64 place, __u32 stride, __u32 count, __u32 queue)
{
	int has, byte = 0, unknown = 0;

	for (__u32 i = 0; i < 8 && i < count; i++) {
		has = xps_list_has(place + i * stride, queue);
		unknown |= has;
		byte |= (has & 1) << i;
	}
	return unknown < 0 ? UNKNOWN : byte;
}

/*
 * The kernel stores the reverse mapping: for each CPU or receive queue, and each traffic class, a list of
 * transmit queues. The mask of a queue has the CPUs (or receive queues) whose list contains it.
 */
static __always_inline void read_xps(struct setting_value *mask, struct netdev_queue *queue, bool of_rxqs)
{
	struct net_device *own = BPF_CORE_READ(queue, dev), *sub = BPF_CORE_READ(queue, sb_dev);
	struct net_device *dev = sub ? sub : own;
	__u32 index = index_of(queue, own), class = class_of((__u64)dev, index);
	struct xps_lists lists = {};
	__u32 stride;
	__u64 at;

	read_xps_lists(&lists, dev, own, of_rxqs, settings.cpu_ids);
	if (lists.ids > MASK_BITS || (lists.maps && !lists.ids))
		return;
	if (!lists.maps || class >= lists.classes)
		lists.ids = 0;
	at = (__u64)lists.maps + bpf_core_field_offset(struct xps_dev_maps, attr_map) +
	     class * sizeof(void *);
	stride = lists.classes * sizeof(void *);
	for (__u32 i = 0; i < SETTING_VALUE_SIZE && i * 8 < lists.ids; i++) {
		int byte = xps_lists_have(at + (__u64)i * 8 * stride, stride, lists.ids - i * 8, index);

		if (byte == UNKNOWN)
			return;
		mask->bytes[i] = byte;
	}
	mask->size = SETTING_VALUE_SIZE;
	mask->type = VALUE_MASK;
}

/* --- writes --------------------------------------------------------------------------------------------- */

static const struct queue_setting {
	char name[SETTING_SIZE];
} kQueueFiles[] = {
	[FILE_RPS_CPUS] = {"rps_cpus"},
	[FILE_RPS_FLOW_CNT] = {"rps_flow_cnt"},
	[FILE_XPS_CPUS] = {"xps_cpus"},
	[FILE_XPS_RXQS] = {"xps_rxqs"},
};

static __always_inline bool is_rps(enum queue_file file)
{
	return file == FILE_RPS_CPUS || file == FILE_RPS_FLOW_CNT;
}

/* The queue's current value, before or after the write. With a constant `file`, the verifier checks the code
 * for this file only. */
static __always_inline void read_queue(struct queue_call *call, enum queue_file file, bool after)
{
	bool of_rxqs = file == FILE_XPS_RXQS;
	struct setting_value *value;

	barrier_var(of_rxqs); /* otherwise clang copies the code for both values */
	value = &call->value;
	__builtin_memset(value, 0, sizeof(*value));
	if (file == FILE_RPS_CPUS)
		read_rps_cpus(value, (void *)call->queue);
	else if (file == FILE_RPS_FLOW_CNT)
		set_integer(value, rps_flow_entries((void *)call->queue));
	else
		read_xps(value, (void *)call->queue, of_rxqs);
	bpf_probe_read_kernel(after ? &call->write.new_value : &call->write.old_value, sizeof(*value), value);
}

static __always_inline void read_queue_key(struct config_write_key *key, enum queue_file file, __u64 queue)
{
	struct netdev_rx_queue *rx = (struct netdev_rx_queue *)queue;
	struct netdev_queue *tx = (struct netdev_queue *)queue;
	bool rps = is_rps(file);

	key->kind = rps ? CONFIG_KIND_RPS : CONFIG_KIND_XPS;
	/* Copied by a helper: clang 14 drops stores before a copy of a constant of this size. */
	bpf_probe_read_kernel(key->setting, SETTING_SIZE, kQueueFiles[file].name);
	bpf_probe_read_kernel_str(key->object, OBJECT_SIZE,
				  rps ? BPF_CORE_READ(rx, kobj.name) : BPF_CORE_READ(tx, kobj.name));
	read_device(&key->device, rps ? BPF_CORE_READ(rx, dev) : BPF_CORE_READ(tx, dev));
}

/* A call with its key; NULL if the configuration excludes it. */
static __always_inline struct queue_call *queue_write_begin(enum queue_file file, const void *queue)
{
	struct queue_call *call = queue_call_begin();

	if (!call)
		return NULL;
	call->write.start_ns = bpf_ktime_get_boot_ns();
	call->file = file;
	call->queue = (__u64)queue;
	read_queue_key(&call->write.key, file, call->queue);
	if (wants_write(COLLECTOR_QUEUES, &call->write.key))
		return call;
	queue_call_end();
	return NULL;
}

#endif
