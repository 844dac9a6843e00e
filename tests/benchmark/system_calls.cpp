// SPDX-License-Identifier: Apache-2.0
// Measures the overhead of the syscall backend on processes without events, in nanoseconds per
// system call: without programs, with one empty program at the entry and one at the exit, and with
// the exporter. Prints a section in Markdown. Usage: system_calls EXPORTER [FLAGS], as root; FLAGS
// are the exporter's,
// [--backend=syscall]
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../events/process.h"
#include "../events/scrape.h"
#include "empty.skel.h"
#include "kernel/attach.h"
#include "kernel/attach_points.h"
#include "kernel/bpf_link.h"

namespace netchange::test {
namespace {

constexpr int kPort = 10498, kCalls = 5000, kRounds = 100, kPeriods = 6;

// The calls among Cases() that the exporter traces.
constexpr const char* kTraced[] = {"write", "writev", "ioctl", "sendto", "sendmsg"};

struct Case {
  const char* name;
  std::function<void()> call;
};

// The fastest of several rounds, because other activity of the machine only adds time.
double NanosecondsOf(const std::function<void()>& call) {
  double best = std::numeric_limits<double>::max();
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < kCalls; ++i) call();
    const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
    best = std::min(best, took.count() / kCalls);
  }
  return best;
}

// Stores the results in `best`, which has one element per case.
void Measure(const std::vector<Case>& cases, std::vector<double>& best) {
  for (std::size_t i = 0; i < cases.size(); ++i)
    best[i] = std::min(best[i], NanosecondsOf(cases[i].call));
}

// One empty program at each end of the traced calls. Loaded as long as the object lives.
class EmptyPrograms {
 public:
  EmptyPrograms() : object_(empty_bpf__open_and_load(), empty_bpf__destroy) {}
  // Returns why they are not all attached; empty if they are.
  std::string Attach() {
    if (!object_) return "cannot load a program: run as root";
    const auto tracefs = OpenTracefs();
    if (!tracefs) return tracefs.error().message;
    for (const std::string call : kTraced) {
      for (const std::string end : {"enter_", "exit_"}) {
        auto link = AttachTracepoint(bpf_program__fd(object_->progs.empty), *tracefs,
                                     "syscalls/sys_" + end + call);
        if (!link) return link.error().message;
        links_.push_back(std::move(*link));
      }
    }
    return "";
  }
  void Detach() { links_.clear(); }

 private:
  std::unique_ptr<empty_bpf, decltype(&empty_bpf__destroy)> object_;
  std::vector<BpfLink> links_;  // destroyed before the object
};

std::vector<Case> Cases() {
  static const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  static int stream[2];
  static char buffer[64] = "some text, as a line of a log; it looks like no request";
  static iovec piece = {buffer, sizeof(buffer)};
  static msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, stream))
    std::perror("socketpair");
  static const int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in discard{};
  discard.sin_family = AF_INET;
  discard.sin_port = htons(9);
  discard.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(udp, reinterpret_cast<sockaddr*>(&discard), sizeof(discard))) std::perror("connect");
  return {
      {"getppid(), which is not traced", [] { syscall(SYS_getppid); }},
      {"write() to /dev/null", [] { (void)!write(null, buffer, sizeof(buffer)); }},
      {"writev() to /dev/null", [] { (void)!writev(null, &piece, 1); }},
      {"read() of /dev/null, not traced", [] { (void)!read(null, buffer + 60, 0); }},
      {"ioctl() of a socket, FIONREAD",
       [] {
         int size;
         ioctl(udp, FIONREAD, &size);
       }},
      {"send() on a datagram socket",
       [] {
         (void)!send(stream[0], buffer, sizeof(buffer), 0);
         (void)!read(stream[1], buffer, sizeof(buffer));
       }},
      {"sendmsg() on a datagram socket",
       [] {
         (void)!sendmsg(stream[0], &message, 0);
         (void)!read(stream[1], buffer, sizeof(buffer));
       }},
  };
}

int Run(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "Usage: %s EXPORTER [FLAGS]\n", argv[0]);
    return 2;
  }
  std::vector<std::string> command = {argv[1],
                                      "--web.listen-address=127.0.0.1:" + std::to_string(kPort)};
  for (int i = 2; i < argc; ++i) command.emplace_back(argv[i]);
  if (argc == 2) command.emplace_back("--backend=syscall");
  const auto cases = Cases();
  std::vector<double> bare(cases.size(), std::numeric_limits<double>::max());
  std::vector<double> empty = bare, with = bare;
  EmptyPrograms programs;
  // Alternates, because the machine's speed varies.
  for (int period = 0; period < kPeriods; ++period) {
    Measure(cases, bare);
    if (const std::string refused = programs.Attach(); !refused.empty()) {
      std::fprintf(stderr, "%s\n", refused.c_str());
      return 1;
    }
    Measure(cases, empty);
    programs.Detach();
    Child exporter(command, "/tmp/netchange_benchmark.log");
    while (exporter.Running() && Get(kPort, "/-/ready").empty())
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (!exporter.Running()) {
      std::fprintf(stderr, "%s", exporter.Output().c_str());
      return 1;
    }
    Measure(cases, with);
    exporter.Stop(SIGTERM);
  }
  std::printf(
      "## System calls that are no events\n\nNanoseconds per call, with `--backend=syscall`. "
      "\"Empty\" "
      "is one empty program at each end of the call: the least that any program there costs. Sends "
      "include a `read()` of the data.\n\n"
      "| call | bare | empty | exporter | exporter / empty |\n| --- | ---: | ---: | ---: | ---: "
      "|\n");
  for (std::size_t i = 0; i < cases.size(); ++i) {
    std::printf("| %s | %.0f | %.0f | %.0f | %.2f |\n", cases[i].name, bare[i], empty[i], with[i],
                with[i] / empty[i]);
  }
  return 0;
}

}  // namespace
}  // namespace netchange::test

int main(int argc, char** argv) { return netchange::test::Run(argc, argv); }
