// SPDX-License-Identifier: Apache-2.0
// Real programs, started and waited for.
#pragma once

#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace netchange::test {

struct RunResult {
  int status;          // exit status, or 128 + signal
  pid_t pid;           // pid of the process, which has exited
  std::string output;  // standard output and standard error
};

/// Runs a program from PATH to its end.
RunResult Execute(const std::vector<std::string>& command);

/// The same in a network namespace of `ip netns add`. The process keeps its own name.
RunResult ExecuteIn(const std::string& netns, const std::vector<std::string>& command);

/// Executes a program from PATH. Call in a forked process.
[[noreturn]] void Exec(const std::vector<std::string>& command);

/// A program that runs until it is stopped. Its output goes to a file.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command, const std::string& output_file);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  /// Sends the signal and waits. Returns the exit status as in RunResult.
  int Stop(int signal);
  [[nodiscard]] bool Running() const;
  [[nodiscard]] std::string Output() const;

 private:
  pid_t pid_;
  std::string output_file_;
};

/// Ids of the BPF programs ("prog_id:") or maps ("map_id:") of which the process has descriptors.
std::set<std::uint32_t> BpfIds(pid_t pid, const std::string& field);

/// True as soon as the kernel has removed all of them, which takes it a moment; `open` opens one by
/// its id. False after a minute.
bool AreRemoved(const std::set<std::uint32_t>& ids, int (*open)(std::uint32_t));

/// Takes all fentry and fexit programs that are loaded now for those of others.
void NoteTracingProgramsOfOthers();
/// True as soon as each other such program belongs to a Child. False after a minute.
bool AllTracingProgramsAreOfChildren();

/// The running kernel's version.
bool KernelIsAtLeast(int major, int minor);

/// Runs `work` in a forked process named `name`. The exit status is the result of `work`.
RunResult ForkAs(const std::string& name, const std::function<int()>& work);

/// For `work`: if the condition is false, prints it and returns 1.
#define MUST(condition)                                                      \
  if (!(condition)) {                                                        \
    std::printf("line %d: not %s, errno %d\n", __LINE__, #condition, errno); \
    return 1;                                                                \
  }

/// Moves the calling thread into a namespace of ip-netns(8).
bool EnterNetns(const std::string& name);

std::string ReadFile(const std::string& path);

/// One write() of `text`. Returns 0 or the errno.
int WriteFile(const std::string& path, const std::string& text);

}  // namespace netchange::test
