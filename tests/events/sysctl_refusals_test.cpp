// SPDX-License-Identifier: Apache-2.0
// Refused writes to sysctls, and calls that are not writes.
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

#include "sysctl_events.h"

namespace netchange::test {
namespace {

TEST_F(Sysctl, CountsARefusedValueAsAnError) {
  EXPECT_EQ(WriteAsWriter(kConf + "nct0/forwarding", "maybe"), EINVAL);
  EXPECT_EQ(WriteAsWriter(kConf + "nct0/rp_filter", "-"), EINVAL);
  ExpectRefused({"net.ipv4.conf.*.forwarding", "nct0"}, EINVAL);
  ExpectRefused({"net.ipv4.conf.*.rp_filter", "nct0"}, EINVAL);
}

TEST_F(Sysctl, CountsAKeyThatNobodyMayWrite) {
  EXPECT_EQ(WriteAsWriter(kNet + "ipv4/tcp_available_congestion_control", "reno"), EACCES);
  ExpectRefused({"net.ipv4.tcp_available_congestion_control"}, EACCES);
}

TEST_F(Sysctl, CountsAWriterWithoutPermission) {
  const auto as_nobody = [] {
    return setuid(kNobody) ? 0 : WriteFile(kConf + "nct0/forwarding", "1");
  };
  EXPECT_EQ(ForkAs("writer", as_nobody).status, EACCES);
  ExpectRefused({"net.ipv4.conf.*.forwarding", "nct0"}, EACCES);
}

// By each system call, and with the flags of a shell. A name that the process invents is none.
TEST_F(Sysctl, CountsEveryRefusedOpenOfAKeyThatExists) {
  const auto open_all = [] {
    if (setuid(kNobody)) return 1;
    const std::string key = kNet + "ipv6/conf/nct0/forwarding";
    open_how how{};
    how.flags = O_RDWR;
    MUST(syscall(SYS_openat2, AT_FDCWD, key.c_str(), &how, sizeof(how)) < 0 && errno == EACCES);
    MUST(open(key.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644) < 0 && errno == EACCES);
    MUST(open((kNet + "core/somaxconn").c_str(), O_WRONLY) < 0 && errno == EACCES);
#ifdef SYS_open
    MUST(syscall(SYS_open, (kNet + "ipv4/ip_forward").c_str(), O_WRONLY) < 0 && errno == EACCES);
#endif
    MUST(open((kNet + "core/nosuch").c_str(), O_WRONLY | O_CREAT, 0644) < 0);
    MUST(open((kNet + "nosuch/x").c_str(), O_WRONLY) < 0);
    MUST(open((kNet + "core").c_str(), O_WRONLY) < 0);
    return 0;
  };
  const RunResult run = ForkAs("writer", open_all);
  EXPECT_EQ(run.status, 0) << run.output;
  ExpectRefused({"net.ipv6.conf.*.forwarding", "nct0"}, EACCES, 2);
  ExpectRefused({"net.core.somaxconn"}, EACCES);
#ifdef SYS_open
  ExpectRefused({"net.ipv4.ip_forward"}, EACCES);
#endif
}

// The writer opened the file with capabilities that it has dropped before the write.
TEST_F(Sysctl, CountsAWriterThatLostItsCapabilities) {
  const auto write = [] {
    const int fd = open((kNet + "core/somaxconn").c_str(), O_WRONLY);
    if (fd < 0 || setuid(kNobody)) return 0;
    return ::write(fd, "1", 1) < 0 ? errno : 0;
  };
  EXPECT_EQ(ForkAs("writer", write).status, EPERM);
  ExpectRefusedEarly({"net.core.somaxconn"}, EPERM);
}

TEST_F(Sysctl, CountsAWriteOfInvalidMemory) {
  const auto write = [] {
    const int fd = open((kNet + "core/somaxconn").c_str(), O_WRONLY);
    iovec nowhere{reinterpret_cast<void*>(std::uintptr_t{8}), 4};
    return writev(fd, &nowhere, 1) < 0 ? errno : 0;
  };
  EXPECT_EQ(ForkAs("writer", write).status, EFAULT);
  ExpectRefusedEarly({"net.core.somaxconn"}, EFAULT);
}

TEST_F(Sysctl, CountsNothingWhenItIsOnlyRead) {
  EXPECT_EQ(Execute({"sysctl", "net.ipv4.conf.nct0.forwarding", "net.ipv4.ip_forward"}).status, 0);
}

TEST_F(Sysctl, CountsNothingWhenAFileIsOnlyOpenedOrAskedFor) {
  const auto look = [] {
    const int fd = open((kNet + "core/somaxconn").c_str(), O_RDWR);
    char text[16];
    if (fd < 0 || read(fd, text, sizeof(text)) <= 0) return 1;
    if (setuid(kNobody)) return 2;
    if (access((kNet + "core/somaxconn").c_str(), W_OK) == 0) return 3;
    return open((kNet + "core/nosuch").c_str(), O_WRONLY) < 0 ? 0 : 4;
  };
  EXPECT_EQ(ForkAs("reader", look).status, 0);
}

TEST_F(Sysctl, IgnoresSysctlsOutsideNet) {
  EXPECT_EQ(WriteAsWriter("/proc/sys/kernel/panic", "0"), 0);
  EXPECT_EQ(WriteAsWriter("/proc/sys/vm/swappiness", "61"), 0);
  EXPECT_EQ(WriteAsWriter("/proc/sys/vm/swappiness", "60"), 0);
  const auto as_nobody = [] {
    return setuid(kNobody) ? 0 : WriteFile("/proc/sys/kernel/panic", "1");
  };
  EXPECT_EQ(ForkAs("writer", as_nobody).status, EACCES);
}

}  // namespace
}  // namespace netchange::test
