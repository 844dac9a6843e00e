/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* int ioctl(descriptor, request, struct ifreq *) on a socket. */
#ifndef NETCHANGE_IOCTL_BPF_H
#define NETCHANGE_IOCTL_BPF_H

#include "bpf/abi/device.h"
#include "bpf/syscall/system_call.bpf.h"

#define IFREQ_DATA_SIZE 24 /* struct ifmap of linux/if.h is the largest member */

/* struct ifreq. The kernel copies all of it, and fails if it cannot. */
struct user_ifreq {
	char name[IFNAME_SIZE];
	union {
		__s32 number;
		__u16 flags;
		char new_name[IFNAME_SIZE];
		struct {
			__u16 family;
			unsigned char data[IFREQ_DATA_SIZE - sizeof(__u16)];
		} address;
		void *data;
		char bytes[IFREQ_DATA_SIZE];
	};
};

/* False if it cannot be read. */
static __always_inline bool read_ifreq(struct user_ifreq *ifreq, const struct system_call *call)
{
	return !bpf_probe_read_user(ifreq, sizeof(*ifreq), call->memory);
}

#endif
