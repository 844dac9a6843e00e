/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Writes to every sysctl below net, including those of modules. proc_sys_call_handler() is called for each,
 * whatever its handler; a refused open ends in proc_sys_permission(). For kernels that forbid tracing:
 * syscall/sysctl.bpf.h. See docs/adr/0004.
 */
#include "bpf/sysctl.bpf.h"

#include "bpf/lib/hook.bpf.h"
#include "bpf/lib/result.bpf.h"

/* include/linux/fs.h: access that proc_sys_permission() checks */
#define MAY_WRITE 0x02
#define MAY_OPEN  0x20 /* the check comes from open(2), not from access(2) */

static __always_inline struct proc_inode *proc_inode_of(struct inode *inode)
{
	return (void *)inode - bpf_core_field_offset(struct proc_inode, vfs_inode);
}

HOOK_ENTER(proc_sys_call_handler, struct kiocb *iocb, struct iov_iter *iter, int is_write)
{
	struct sysctl_call *call;
	struct proc_inode *file;
	struct ctl_table *table;
	bool in_kernel;

	if (!is_write)
		return;
	call = sysctl_call_begin(SYSCTL_WRITE);
	if (!call)
		return;
	file = proc_inode_of(BPF_CORE_READ(iocb, ki_filp, f_inode));
	table = BPF_CORE_READ(file, sysctl_entry);
	if (!name_write(call, BPF_CORE_READ(file, sysctl), table)) {
		sysctl_call_end();
		return;
	}
	note_size(call, BPF_CORE_READ(iter, count), BPF_CORE_READ(iocb, ki_pos));
	/* Read at the exit, after the kernel has read it: then the page is in memory. */
	call->text = iter_text(iter, &in_kernel);
	call->text_memory = in_kernel ? KERNEL_MEMORY : USER_MEMORY;
	find_storage(call, table);
	read_storage(&call->write.old_value, call);
}

HOOK_EXIT(proc_sys_call_handler, 3, int result)
{
	struct sysctl_call *call = sysctl_call_find(SYSCTL_WRITE);

	if (!call)
		return;
	if (!is_restart(result)) {
		read_storage(&call->write.new_value, call);
		set_text(&call->write.written, call->text, call->text_size, call->text_memory);
		record_sysctl_write(call, result);
	}
	sysctl_call_end();
}

/*
 * If the file may not be written, open fails, and the handler is never called. Names are read only for
 * refused opens, because most opens succeed.
 */
static __always_inline void open_enter(struct inode *inode, int mask)
{
	struct sysctl_call *call;

	if ((mask & (MAY_WRITE | MAY_OPEN)) != (MAY_WRITE | MAY_OPEN))
		return;
	call = sysctl_call_begin(SYSCTL_OPEN);
	if (call)
		call->file = proc_inode_of(inode);
}

static __always_inline void open_leave(int result)
{
	struct sysctl_call *call = sysctl_call_find(SYSCTL_OPEN);
	struct proc_inode *file;

	if (!call)
		return;
	file = call->file;
	if (result < 0 && name_write(call, BPF_CORE_READ(file, sysctl), BPF_CORE_READ(file, sysctl_entry)))
		record_sysctl_write(call, result);
	sysctl_call_end();
}

HOOK_ENTER_AS(proc_sys_permission_2, proc_sys_permission, struct inode *inode, int mask)
{
	open_enter(inode, mask);
}

HOOK_EXIT_AS(proc_sys_permission_2, proc_sys_permission, 2, int result)
{
	open_leave(result);
}

/* From 5.12 on, the first argument is a user namespace, or a mapping of one. */
HOOK_ENTER_AS(proc_sys_permission_3, proc_sys_permission, void *mapping, struct inode *inode, int mask)
{
	(void)mapping;
	open_enter(inode, mask);
}

HOOK_EXIT_AS(proc_sys_permission_3, proc_sys_permission, 3, int result)
{
	open_leave(result);
}

char LICENSE[] SEC("license") = "GPL";
