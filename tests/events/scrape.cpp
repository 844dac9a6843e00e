// SPDX-License-Identifier: Apache-2.0
#include "scrape.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <sstream>

namespace netchange::test {

std::string Get(int port, const std::string& path) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string answer;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0) {
    const std::string request =
        "GET " + path + " HTTP/1.0\r\nHost: localhost\r\n\r\n";  // no chunks
    if (write(fd, request.data(), request.size()) > 0) {
      char buffer[65536];
      for (ssize_t size; (size = read(fd, buffer, sizeof(buffer))) > 0;)
        answer.append(buffer, size);
    }
  }
  close(fd);
  const auto body = answer.find("\r\n\r\n");
  return body == std::string::npos ? "" : answer.substr(body + 4);
}

namespace {

// The series as it would be if the namespace `own` were the initial one, which has no label.
std::string SeenFrom(const std::string& own, std::string series) {
  if (own.empty()) return series;
  const std::string label = "netns=\"" + own + '"';
  if (const auto at = series.find(label); at != std::string::npos) {
    const bool first = series[at - 1] == '{';  // otherwise a comma precedes it
    return series.erase(first ? at : at - 1, label.size() + 1);
  }
  const bool of_a_device = series.find("device=\"") != std::string::npos;
  return of_a_device && series.find("netns=\"") == std::string::npos ? "elsewhere " + series
                                                                     : series;
}

}  // namespace

std::string OwnNetns() {
  struct stat initial {
  }, own{};
  stat("/proc/2/ns/net", &initial);  // namespace of the kernel's own threads
  stat("/proc/self/ns/net", &own);
  if (own.st_ino == initial.st_ino) return "";
  std::error_code error;
  for (const auto& named : std::filesystem::directory_iterator("/run/netns", error)) {
    struct stat status {};
    if (stat(named.path().c_str(), &status) == 0 && status.st_ino == own.st_ino)
      return named.path().filename().string();
  }
  return std::to_string(own.st_ino);
}

Families ScrapeFamilies(int port) {
  Families families;
  std::istringstream lines(Get(port, "/metrics"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string hash, keyword, name, type;
    if (words >> hash >> keyword >> name >> type && keyword == "TYPE") families[name] = type;
  }
  return families;
}

// Reads the page in one pass: it has thousands of lines, and an emulated guest reads it hundreds of
// times.
Page Scrape(int port) {
  static const std::string own = OwnNetns();
  const std::string text = Get(port, "/metrics");
  Page page;
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const auto space = text.rfind(' ', end);
    if (text[begin] == '#' || space == std::string::npos || space <= begin) continue;
    const double value = std::strtod(text.c_str() + space, nullptr);
    page.emplace_hint(page.end(), SeenFrom(own, text.substr(begin, space - begin)), value);
  }
  return page;
}

std::string Series(const std::string& name, const Labels& labels) {
  std::string text;
  for (const auto& [label, value] : labels) {
    if (value.empty()) continue;
    text += (text.empty() ? "" : ",") + label + "=\"" + value + "\"";
  }
  return text.empty() ? name : name + "{" + text + "}";
}

bool HookIsAttached(int port, const std::string& hook) {
  const std::string page = Get(port, "/"), name = "<code>" + hook + "</code> ";
  const auto at = page.find(name);
  return at != std::string::npos && page.compare(at + name.size(), 7, "missing") != 0;
}

double Now() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace netchange::test
