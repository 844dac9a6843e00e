// SPDX-License-Identifier: Apache-2.0
#include "config_values.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "config.h"

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

TEST(ListenAddress, MayBeAPortOrAnAddressAndAPort) {
  for (const char* address :
       {":10417", ":1", ":65535", "127.0.0.1:10417", "0.0.0.0:80", "[::1]:10417", "[::]:80",
        "[fe80::1:2]:65535", "[::ffff:127.0.0.1]:1"}) {
    const Status status = CheckListenAddress(address);
    EXPECT_TRUE(status) << address << ": " << status.error().message;
  }
}

TEST(ListenAddress, RefusesAPortAbove65535) {
  EXPECT_FALSE(CheckListenAddress(":65536"));
  EXPECT_FALSE(CheckListenAddress(":99999"));
  EXPECT_FALSE(CheckListenAddress(":100000"));
  EXPECT_FALSE(CheckListenAddress(":18446744073709551617"));
}

TEST(ListenAddress, RefusesPortZero) {
  EXPECT_FALSE(CheckListenAddress(":0"));
  EXPECT_FALSE(CheckListenAddress("127.0.0.1:00000"));
}

TEST(ListenAddress, RefusesWhatHasNoPort) {
  for (const char* address :
       {"", ":", "10417", "127.0.0.1", "127.0.0.1:", "[::1]", "[::1]:", "::1"}) {
    EXPECT_FALSE(CheckListenAddress(address)) << address;
  }
}

TEST(ListenAddress, RefusesAPortThatIsNoNumber) {
  for (const char* address : {":http", ":80x", ":-1", ":+80", ": 80", ":8 0", ":80 ", ":0x50",
                              ":80\n", ":80s", ":80,:81"}) {
    EXPECT_FALSE(CheckListenAddress(address)) << address;
  }
}

TEST(ListenAddress, RefusesAHostThatIsNoAddress) {
  for (const char* address :
       {"localhost:80", "example.org:80", "::1:80", "[::1:80", "::1]:80", "[:80", "]:80",
        "127.0.0.1,1.2.3.4:80", "http://127.0.0.1:80", "*:80", " 127.0.0.1:80"}) {
    EXPECT_FALSE(CheckListenAddress(address)) << address;
  }
}

TEST(ListenAddress, RefusesAHostOfTheRightLettersThatIsNoAddress) {
  for (const char* address : {"999.0.0.1:80", "...:80", "1.2.3.4.5:80", ".:80", "[]:80", "::1]:80",
                              "[[::1]]:80", "[::1]]:80", "[1]:80", "[:::1]:80", "[127.0.0.1]:80"}) {
    EXPECT_FALSE(CheckListenAddress(address))
        << address << " would only be refused when the server starts";
  }
}

TEST(ListenAddress, IsNamedInTheError) {
  EXPECT_EQ(
      CheckListenAddress("x:y").error().message,
      "invalid address \"x:y\": expected :PORT or ADDRESS:PORT, such as :10417, 127.0.0.1:10417 "
      "or [::1]:10417");
}

TEST(TelemetryPath, MayHaveSeveralParts) {
  for (const char* path :
       {"/metrics", "/a/b/c", "/metrics.txt", "/net-change_1", "/-/metrics", "/metrics/"}) {
    EXPECT_TRUE(CheckTelemetryPath(path)) << path;
  }
}

TEST(TelemetryPath, BeginsWithASlash) {
  EXPECT_FALSE(CheckTelemetryPath(""));
  EXPECT_FALSE(CheckTelemetryPath("metrics"));
}

TEST(TelemetryPath, HasNothingThatAUrlMustEscape) {
  for (const char* path :
       {"/a b", "/a?b", "/a#b", "/a%20", "/é", "/a\"b", "/<a>", "/a\n", "/a\\b", "/a*", "/a$"}) {
    EXPECT_FALSE(CheckTelemetryPath(path)) << path;
  }
}

TEST(TelemetryPath, IsNotThatOfAnotherPage) {
  for (const char* path : {"/", "/changes", "/-/healthy", "/-/ready"}) {
    const Status status = CheckTelemetryPath(path);
    ASSERT_FALSE(status) << path;
    EXPECT_EQ(status.error().message,
              "invalid path \"" + std::string(path) + "\": another page has it");
  }
}

TEST(TelemetryPath, HasNoPartThatAClientOrAServerWouldRemove) {
  for (const char* path :
       {"//", "//metrics", "/a//b", "/./metrics", "/a/../metrics", "/..", "/.", "/a/.."}) {
    EXPECT_FALSE(CheckTelemetryPath(path)) << path << " can never be asked for";
  }
}

TEST(LogLevel, IsOneOfFour) {
  EXPECT_EQ(*ParseLogLevel("debug"), LogLevel::kDebug);
  EXPECT_EQ(*ParseLogLevel("info"), LogLevel::kInfo);
  EXPECT_EQ(*ParseLogLevel("warn"), LogLevel::kWarn);
  EXPECT_EQ(*ParseLogLevel("error"), LogLevel::kError);
  for (const char* level : {"", "trace", "warning", "INFO", "info ", "off"})
    EXPECT_FALSE(ParseLogLevel(level)) << level;
}

TEST(LogFormat, IsLogfmtOrJson) {
  EXPECT_EQ(*ParseLogFormat("logfmt"), LogFormat::kLogfmt);
  EXPECT_EQ(*ParseLogFormat("json"), LogFormat::kJson);
  for (const char* format : {"", "text", "JSON"}) EXPECT_FALSE(ParseLogFormat(format)) << format;
}

TEST(Backends, AreAllByDefaultAndOneByName) {
  EXPECT_THAT(*ParseBackends("auto"), ElementsAreArray(kAllBackends));
  EXPECT_THAT(*ParseBackends("fexit"), ElementsAre(Backend::kFexit));
  EXPECT_THAT(*ParseBackends("kprobe"), ElementsAre(Backend::kKprobe));
  EXPECT_THAT(*ParseBackends("syscall"), ElementsAre(Backend::kSyscall));
  for (const char* name : {"", "Fexit", "fexit,kprobe", "tracepoint"})
    EXPECT_FALSE(ParseBackends(name)) << name;
  EXPECT_EQ(Config().backends, *ParseBackends("auto"));
}

}  // namespace
}  // namespace netchange
