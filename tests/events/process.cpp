// SPDX-License-Identifier: Apache-2.0
#include "process.h"

#include <bpf/bpf.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <system_error>
#include <thread>
#include <utility>

namespace netchange::test {
namespace {

std::set<pid_t> g_children;        // that run
std::set<std::uint32_t> g_owned;   // their programs, as far as they were looked for
std::set<std::uint32_t> g_others;  // fentry and fexit programs of others

std::set<std::uint32_t> TracingPrograms() {
  std::set<std::uint32_t> programs;
  for (std::uint32_t id = 0; !bpf_prog_get_next_id(id, &id);) {
    bpf_prog_info info{};
    std::uint32_t size = sizeof(info);
    const int program = bpf_prog_get_fd_by_id(id);
    if (program < 0) continue;
    if (!bpf_obj_get_info_by_fd(program, &info, &size) && info.type == BPF_PROG_TYPE_TRACING)
      programs.insert(id);
    close(program);
  }
  return programs;
}

int StatusOf(int wait_status) {
  return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
}

// Runs `work` in the child. Its result is the exit status.
RunResult ForkAndCollect(const std::function<int()>& work) {
  int ends[2];
  if (pipe(ends)) std::abort();
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(ends[1], STDOUT_FILENO);
    dup2(ends[1], STDERR_FILENO);
    close(ends[0]);
    close(ends[1]);
    const int status = work();
    std::fflush(nullptr);
    _exit(status);
  }
  close(ends[1]);
  RunResult result{0, pid, ""};
  char buffer[4096];
  for (ssize_t size; (size = read(ends[0], buffer, sizeof(buffer))) > 0;)
    result.output.append(buffer, size);
  close(ends[0]);
  int status = 0;
  waitpid(pid, &status, 0);
  result.status = StatusOf(status);
  return result;
}

}  // namespace

void Exec(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& argument : command)
    arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  execvp(arguments[0], arguments.data());
  std::perror(arguments[0]);
  _exit(127);
}

RunResult Execute(const std::vector<std::string>& command) {
  return ForkAndCollect([&]() -> int { Exec(command); });
}

RunResult ExecuteIn(const std::string& netns, const std::vector<std::string>& command) {
  return ForkAndCollect([&]() -> int {
    if (!EnterNetns(netns)) return 126;
    Exec(command);
  });
}

RunResult ForkAs(const std::string& name, const std::function<int()>& work) {
  return ForkAndCollect([&] {
    prctl(PR_SET_NAME, name.c_str());
    return work();
  });
}

Child::Child(const std::vector<std::string>& command, const std::string& output_file)
    : output_file_(output_file) {
  unlink(output_file.c_str());  // removes what an earlier run left behind
  pid_ = fork();
  if (pid_ != 0) {
    g_children.insert(pid_);
    return;
  }
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // the child must end with the tests if they are killed
  const int out = open(output_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  Exec(command);
}

Child::~Child() {
  if (pid_ > 0) Stop(SIGKILL);
}

int Child::Stop(int signal) {
  int status = 0;
  g_children.erase(pid_);
  g_owned.clear();
  kill(pid_, signal);
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return StatusOf(status);
}

bool Child::Running() const { return pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == 0; }

std::string Child::Output() const { return ReadFile(output_file_); }

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int WriteFile(const std::string& path, const std::string& text) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return errno;
  const int error = write(fd, text.data(), text.size()) < 0 ? errno : 0;
  close(fd);
  return error;
}

std::set<std::uint32_t> BpfIds(pid_t pid, const std::string& field) {
  std::set<std::uint32_t> ids;
  const std::filesystem::path process = "/proc/" + std::to_string(pid);
  std::error_code error;
  for (std::filesystem::directory_iterator at(process / "fdinfo", error), end; !error && at != end;
       at.increment(error)) {
    std::error_code closed;
    const std::string name =
        std::filesystem::read_symlink(process / "fd" / at->path().filename(), closed);
    // A link has the id of its program.
    if (!name.starts_with("anon_inode:bpf-")) continue;
    std::istringstream words(ReadFile(at->path()));
    for (std::string word; words >> word;) {
      std::uint32_t id = 0;
      if (word == field && words >> id) ids.insert(id);
    }
  }
  return ids;
}

bool AreRemoved(const std::set<std::uint32_t>& ids, int (*open)(std::uint32_t)) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  for (const std::uint32_t id : ids) {
    for (int fd; (fd = open(id)) >= 0 || errno != ENOENT;) {
      if (fd >= 0) close(fd);
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  return true;
}

void NoteTracingProgramsOfOthers() { g_others = TracingPrograms(); }

bool AllTracingProgramsAreOfChildren() {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (true) {
    std::set<std::uint32_t> programs = TracingPrograms();
    const auto is_known = [](std::uint32_t id) {
      return g_others.contains(id) || g_owned.contains(id);
    };
    std::erase_if(programs, is_known);
    if (programs.empty()) return true;
    for (const pid_t child : g_children) g_owned.merge(BpfIds(child, "prog_id:"));
    std::erase_if(programs, is_known);
    if (programs.empty()) return true;
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

bool KernelIsAtLeast(int major, int minor) {
  utsname name{};
  int here_major = 0, here_minor = 0;
  uname(&name);
  std::sscanf(name.release, "%d.%d", &here_major, &here_minor);
  return std::pair(here_major, here_minor) >= std::pair(major, minor);
}

bool EnterNetns(const std::string& name) {
  const int fd = open(("/run/netns/" + name).c_str(), O_RDONLY | O_CLOEXEC);
  const bool entered = fd >= 0 && setns(fd, CLONE_NEWNET) == 0;
  close(fd);
  return entered;
}

}  // namespace netchange::test
