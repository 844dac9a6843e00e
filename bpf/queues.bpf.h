/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Writes to the files of queues: their values, and what is counted (queues.bpf.c, syscall/queues.bpf.h). */
#ifndef NETCHANGE_QUEUES_BPF_H
#define NETCHANGE_QUEUES_BPF_H

#include "bpf/lib/compat.bpf.h"
#include "bpf/lib/config_write.bpf.h"
#include "bpf/lib/device.bpf.h"
#include "bpf/lib/inflight.bpf.h"
#include "bpf/lib/kernel_types.h"
#include "bpf/lib/result.bpf.h"

#define MASK_BITS      (8 * SETTING_VALUE_SIZE) /* as many as a value keeps */
#define MAX_RPS_CPUS   512              /* of a receive queue; where there are more, the value is unknown */
#define MAX_XPS_QUEUES 32               /* of one processor or receive queue; the same */
#define TC_MAX_QUEUE   16
#define RPS_LOG_BITS   31
#define QUEUES_A_WORD  4
#define NO_QUEUE       0xff

CONFIG_WRITES(queues, EVENT_QUEUES, 1)

/* --- RPS ------------------------------------------------------------------------------------------------ */

/* The next of the bits that are set, in ascending order. */
static __always_inline void add_to_mask(struct setting_value *mask, __u32 bit)
{
	__u32 byte = bit / 8;

	mask->hash = (mask->hash ^ bit) * (__u32)HASH_PRIME;
	if (bit >= MASK_BITS) {
		mask->size = byte + 1;
		return;
	}
	barrier_var(byte); /* else clang drops the mask, which the verifier wants to see */
	mask->bytes[byte & (SETTING_VALUE_SIZE - 1)] |= 1 << bit % 8;
}

/* The kernel keeps a list of processors: those of the mask that are online. No list: none. */
static __always_inline void read_rps_cpus(struct setting_value *mask, void *source)
{
	struct netdev_rx_queue *queue = source;
	struct rps_map *map = BPF_CORE_READ(queue, rps_map);
	const void *cpus = (void *)map + bpf_core_field_offset(struct rps_map, cpus);
	__u32 count = map ? BPF_CORE_READ(map, len) : 0;
	__u16 cpu = 0;

	if (count > MAX_RPS_CPUS)
		return;
	mask->size = SETTING_VALUE_SIZE;
	for (__u32 i = 0; i < MAX_RPS_CPUS && i < count; i++) {
		if (bpf_probe_read_kernel(&cpu, sizeof(cpu), cpus + i * sizeof(cpu)))
			return;
		add_to_mask(mask, cpu);
	}
	mask->type = VALUE_MASK;
}

/* Entries of the table of flows, a power of two. */
static __always_inline __u64 flow_table_size(void *source)
{
	struct netdev_rx_queue___tagged *tagged = source;
	struct netdev_rx_queue *queue = source;
	struct rps_dev_flow_table *table;

	if (bpf_core_field_exists(tagged->rps_flow_table)) {
		unsigned long tag = BPF_CORE_READ(tagged, rps_flow_table);

		return tag ? 1ULL << (tag & RPS_LOG_BITS) : 0;
	}
	table = BPF_CORE_READ(queue, rps_flow_table);
	if (!table)
		return 0;
	if (bpf_core_field_exists(table->mask))
		return (__u64)BPF_CORE_READ(table, mask) + 1;
	return 1ULL << (BPF_CORE_READ((struct rps_dev_flow_table___log *)table, log) & RPS_LOG_BITS);
}

static __always_inline void read_rps_flow_cnt(struct setting_value *count, void *source)
{
	set_integer(count, flow_table_size(source));
}

/* --- XPS ------------------------------------------------------------------------------------------------ */

/*
 * The kernel keeps the other direction: for each processor, or receive queue, and each traffic class a list
 * of transmit queues. A queue's mask is those whose list has it.
 */
struct xps_lists {
	struct xps_dev_maps *maps;
	__u32 ids;     /* processors, or receive queues */
	__u32 classes; /* traffic classes */
	__u32 class;   /* that of the queue */
	__u32 queue;   /* its index */
};

/* As netdev_txq_to_tc(): the first class whose range of queues has the queue; TC_MAX_QUEUE if none has. */
static __always_inline __u32 class_of(struct net_device *dev, __u32 queue)
{
	struct netdev_tc_txq classes[TC_MAX_QUEUE] = {};

	if (!BPF_CORE_READ(dev, num_tc))
		return 0;
	bpf_probe_read_kernel(classes, sizeof(classes), &dev->tc_to_txq);
	for (__u32 i = 0; i < TC_MAX_QUEUE; i++)
		if (queue - classes[i].offset < classes[i].count)
			return i;
	return TC_MAX_QUEUE;
}

static __always_inline void find_lists(struct xps_lists *lists, void *source, bool of_rxqs)
{
	struct netdev_queue *queue = source;
	struct net_device *own = BPF_CORE_READ(queue, dev), *sub = BPF_CORE_READ(queue, sb_dev);
	struct net_device *dev = sub ? sub : own;
	struct xps_dev_maps *maps;

	lists->queue =
		((__u64)source - (__u64)BPF_CORE_READ(own, _tx)) / bpf_core_type_size(struct netdev_queue);
	lists->class = class_of(dev, lists->queue);
	if (bpf_core_field_exists(dev->xps_maps)) {
		maps = of_rxqs ? BPF_CORE_READ(dev, xps_maps[1]) : BPF_CORE_READ(dev, xps_maps[0]);
		lists->ids = BPF_CORE_READ(maps, nr_ids);
		lists->classes = (__u32)BPF_CORE_READ(maps, num_tc);
	} else {
		__s16 classes = BPF_CORE_READ(own, num_tc);

		maps = of_rxqs ? BPF_CORE_READ(dev, xps_rxqs_map) : BPF_CORE_READ(dev, xps_cpus_map);
		lists->ids = of_rxqs ? BPF_CORE_READ(dev, num_rx_queues) : settings.cpu_ids;
		lists->classes = classes > 0 ? classes : 1;
	}
	lists->maps = maps;
}

/*
 * 1 if the list has the queue, 0 if not, or if there is no list; more if it cannot be told. Without branches,
 * of which the verifier would try each: four queues are compared at once, by a well-known way to find a zero
 * among the parts of a word.
 */
static __always_inline __u64 in_list(struct xps_map *list, __u32 queue)
{
	const __u64 ones = 0x0001000100010001ULL;
	__u64 queues[MAX_XPS_QUEUES / QUEUES_A_WORD], found = 0, none, unread;
	__u64 size = BPF_CORE_READ(list, len) * (__u64)sizeof(__u16);

	__builtin_memset(queues, NO_QUEUE, sizeof(queues));
	barrier_var(size);
	if (size > sizeof(queues))
		return 2;
	unread = bpf_probe_read_kernel(queues, size,
				       (void *)list + bpf_core_field_offset(struct xps_map, queues));
	unread = (unread & -size) >> 63; /* an error, and not of no list */
#pragma unroll
	for (int i = 0; i < MAX_XPS_QUEUES / QUEUES_A_WORD; i++) {
		__u64 differs = queues[i] ^ queue * ones;

		found |= ((differs - ones) & ~differs & ones << 15) >> 1; /* so that it is positive */
	}
	none = found - 1;
	barrier_var(none); /* else clang makes a branch of it */
	return ((none >> 63) ^ 1) | unread << 1;
}

static __always_inline void read_xps(struct setting_value *mask, void *source, bool of_rxqs)
{
	struct xps_lists lists = {};
	const void *at;

	find_lists(&lists, source, of_rxqs);
	if (lists.ids > MASK_BITS || (lists.maps && !lists.ids))
		return;
	if (!lists.maps || lists.class >= lists.classes)
		lists.ids = 0;
	at = (void *)lists.maps + bpf_core_field_offset(struct xps_dev_maps, attr_map) +
	     lists.class * sizeof(void *);
	for (__u32 id = 0; id < MASK_BITS && id < lists.ids; id++) {
		struct xps_map *list = NULL;
		__u64 has;

		bpf_probe_read_kernel(&list, sizeof(list), at + (__u64)id * lists.classes * sizeof(void *));
		has = in_list(list, lists.queue);
		if (has > 1)
			return;
		mask->bytes[id / 8] |= has << id % 8;
	}
	mask->size = SETTING_VALUE_SIZE;
	mask->type = VALUE_MASK;
}

static __always_inline void read_xps_cpus(struct setting_value *mask, void *source)
{
	read_xps(mask, source, false);
}

static __always_inline void read_xps_rxqs(struct setting_value *mask, void *source)
{
	read_xps(mask, source, true);
}

/* --- writes --------------------------------------------------------------------------------------------- */

/* As a number: the verifier lets nobody calculate with a pointer that it knows. */
static __always_inline void *queue_of(const struct config_write *write)
{
	return (void *)*(const volatile __u64 *)&write->source;
}

enum queue_file {
	FILE_RPS_CPUS = 1,
	FILE_RPS_FLOW_CNT = 2,
	FILE_XPS_CPUS = 3,
	FILE_XPS_RXQS = 4,
};

/*
 * The functions of one file: <file>_begin(), NULL if the configuration does not want the write;
 * <file>_enter() with the queue, the text and its size; and <file>_leave().
 */
#define QUEUE_FILE(file, number, config_kind, queue_type)                                                   \
	static __always_inline struct config_write *file##_begin(queue_type *queue)                         \
	{                                                                                                   \
		struct config_write *write = call_begin(0, 0);                                              \
                                                                                                            \
		if (!write)                                                                                 \
			return NULL;                                                                        \
		write->start_ns = bpf_ktime_get_boot_ns();                                                  \
		write->call = number;                                                                       \
		write->source = queue;                                                                      \
		write->key.kind = config_kind;                                                              \
		__builtin_memcpy(write->key.setting, #file, sizeof(#file));                                 \
		bpf_probe_read_kernel_str(write->key.object, OBJECT_SIZE, BPF_CORE_READ(queue, kobj.name)); \
		read_device(&write->key.device, BPF_CORE_READ(queue, dev));                                 \
		if (wants_write(&write->key))                                                               \
			return write;                                                                       \
		call_end(0);                                                                                \
		return NULL;                                                                                \
	}                                                                                                   \
                                                                                                            \
	static __always_inline void file##_enter(const __u64 *arguments)                                    \
	{                                                                                                   \
		struct config_write *write = file##_begin((queue_type *)arguments[0]);                      \
                                                                                                            \
		if (!write)                                                                                 \
			return;                                                                             \
		set_text(&write->written, (const char *)arguments[1], (__u32)arguments[2], KERNEL_MEMORY);  \
		read_##file(&write->old_value, queue_of(write));                                            \
	}                                                                                                   \
                                                                                                            \
	static __always_inline void file##_leave(int result)                                                \
	{                                                                                                   \
		struct config_write *write = call_find(0);                                                  \
                                                                                                            \
		if (!write)                                                                                 \
			return;                                                                             \
		if (!is_restart(result)) {                                                                  \
			read_##file(&write->new_value, queue_of(write));                                    \
			record_write(write, result);                                                        \
		}                                                                                           \
		call_end(0);                                                                                \
	}

QUEUE_FILE(rps_cpus, FILE_RPS_CPUS, CONFIG_KIND_RPS, struct netdev_rx_queue)
QUEUE_FILE(rps_flow_cnt, FILE_RPS_FLOW_CNT, CONFIG_KIND_RPS, struct netdev_rx_queue)
QUEUE_FILE(xps_cpus, FILE_XPS_CPUS, CONFIG_KIND_XPS, struct netdev_queue)
QUEUE_FILE(xps_rxqs, FILE_XPS_RXQS, CONFIG_KIND_XPS, struct netdev_queue)

#endif
