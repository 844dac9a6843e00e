// SPDX-License-Identifier: Apache-2.0
#include "kernel/netns_cookie.h"

#include <bpf/bpf.h>
#include <sys/socket.h>

#include <memory>

#include "bpf_objects.h"
#include "kernel/object_file.h"
#include "util/fd.h"

namespace netchange {
namespace {

constexpr char kProgram[] = "own_netns_cookie";

std::shared_ptr<LoadedObject> LoadProgram() {
  auto file = ObjectFile::Open({"netns_cookie", {netns_cookie_elf, netns_cookie_elf_end}});
  if (!file || !file->Want(kProgram)) return nullptr;
  return file->Load();
}

}  // namespace

namespace internal {

std::uint32_t NetnsCookieOfSocket() {
  std::uint64_t cookie = 0;
#ifdef SO_NETNS_COOKIE
  const Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  socklen_t size = sizeof(cookie);
  if (!socket || getsockopt(socket.get(), SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &size)) return 0;
#endif
  return static_cast<std::uint32_t>(cookie);
}

// The kernel runs the program for the calling thread, and tells what it returns.
std::uint32_t NetnsCookieOfProgram() {
  static const std::shared_ptr<LoadedObject> object = LoadProgram();
  LIBBPF_OPTS(bpf_test_run_opts, run);
  if (!object || bpf_prog_test_run_opts(object->ProgramFd(kProgram), &run)) return 0;
  return run.retval;
}

}  // namespace internal

std::uint32_t OwnNetnsCookie() {
  const std::uint32_t cookie = internal::NetnsCookieOfSocket();
  return cookie ? cookie : internal::NetnsCookieOfProgram();
}

}  // namespace netchange
