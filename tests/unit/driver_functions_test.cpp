// SPDX-License-Identifier: Apache-2.0
#include "kernel/driver_functions.h"

#include <bpf/btf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace netchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// BTF of an artificial kernel, with the types of the prototype.
class Types {
 public:
  explicit Types(btf* base = nullptr)
      : types_(base ? btf__new_empty_split(base) : btf__new_empty(), btf__free) {
    if (base) return;
    AddTypes();
  }
  void AddTypes() {
    int_ = btf__add_int(get(), "int", 4, BTF_INT_SIGNED);
    device_ = btf__add_ptr(get(), btf__add_struct(get(), "net_device", 0));
    command_ = btf__add_ptr(get(), btf__add_struct(get(), "netdev_bpf", 0));
  }
  // Uses the same type ids as the base.
  void ShareTypes(const Types& base) {
    int_ = base.int_;
    device_ = base.device_;
    command_ = base.command_;
  }
  void AddFunction(const char* name, int result, const std::vector<int>& parameters) {
    const int prototype = btf__add_func_proto(get(), result);
    for (const int type : parameters) ASSERT_EQ(btf__add_func_param(get(), "p", type), 0);
    ASSERT_GT(btf__add_func(get(), name, BTF_FUNC_STATIC, prototype), 0);
  }
  void AddDriver(const char* name) { AddFunction(name, int_, {device_, command_}); }

  [[nodiscard]] btf* get() const { return types_.get(); }
  int int_ = 0, device_ = 0, command_ = 0;

 private:
  std::unique_ptr<btf, decltype(&btf__free)> types_;
};

TEST(FunctionsOfDriverPrototype, FindsExactlyTheDriverFunctions) {
  Types kernel;
  const int name = btf__add_int(kernel.get(), "long", 8, BTF_INT_SIGNED);
  kernel.AddDriver("tun_xdp");
  kernel.AddFunction("no_result", 0, {kernel.device_, kernel.command_});
  kernel.AddFunction("other_result", name, {kernel.device_, kernel.command_});
  kernel.AddFunction("one_argument", kernel.int_, {kernel.device_});
  kernel.AddFunction("three_arguments", kernel.int_,
                     {kernel.device_, kernel.command_, kernel.int_});
  kernel.AddFunction("other_order", kernel.int_, {kernel.command_, kernel.device_});
  kernel.AddFunction("no_pointers", kernel.int_, {kernel.int_, kernel.int_});
  kernel.AddFunction("pointer_to_nothing", kernel.int_,
                     {btf__add_ptr(kernel.get(), 0), kernel.command_});
  kernel.AddFunction("variable", kernel.int_, {kernel.device_, 0});
  kernel.AddDriver("veth_xdp");
  EXPECT_THAT(FunctionsOfDriverPrototype(kernel.get(), 1), ElementsAre("tun_xdp", "veth_xdp"));
}

TEST(FunctionsOfDriverPrototype, FindsOnlyTheFunctionsOfTheModule) {
  Types kernel;
  kernel.AddDriver("tun_xdp");
  Types module(kernel.get());
  module.ShareTypes(kernel);
  module.AddDriver("veth_xdp");
  EXPECT_THAT(FunctionsOfDriverPrototype(module.get(), btf__type_cnt(kernel.get())),
              ElementsAre("veth_xdp"));
  Types with_copies(kernel.get());
  with_copies.AddTypes();
  with_copies.AddDriver("own_xdp");
  EXPECT_THAT(FunctionsOfDriverPrototype(with_copies.get(), btf__type_cnt(kernel.get())),
              ElementsAre("own_xdp"));
}

constexpr char kKallsyms[] =
    "ffffffff81000000 T _stext\n"
    "ffffffff81b20000 t tun_xdp\n"
    "ffffffffc0a81b20 t veth_xdp\t[veth]\n"
    "ffffffffc0a81c00 t veth_poll_xdp\t[veth]\n"
    "ffffffffc0b00010 t efx_xdp\t[sfc]\n"
    "ffffffffc0c00010 t efx_xdp\t[sfc_siena]\n"
    "\n"
    "broken\n";

TEST(KnownDriverFunctions, AreThoseOfTheModulesInQuestion) {
  std::istringstream some(kKallsyms), none(kKallsyms);
  EXPECT_THAT(
      KnownDriverFunctions(some, {"veth", "sfc"}),
      UnorderedElementsAre(DriverFunction{"veth", "veth_xdp"}, DriverFunction{"sfc", "efx_xdp"}));
  EXPECT_THAT(KnownDriverFunctions(none, {}), IsEmpty());
}

TEST(AddressOf, DistinguishesFunctionsOfTheSameName) {
  const auto address = [](const DriverFunction& function) {
    std::istringstream kallsyms(kKallsyms);
    return AddressOf(kallsyms, function);
  };
  EXPECT_EQ(address({"sfc", "efx_xdp"}), 0xffffffffc0b00010u);
  EXPECT_EQ(address({"sfc_siena", "efx_xdp"}), 0xffffffffc0c00010u);
  EXPECT_EQ(address({"", "tun_xdp"}), 0xffffffff81b20000u);
  EXPECT_EQ(address({"tun", "tun_xdp"}), 0u);
}

TEST(ModuleNames, AreTheFirstWords) {
  std::istringstream modules(
      "veth 36864 0 - Live 0xffffffffc0a81000\ntun 61440 2 - Loading 0xffffffffc0b00000\n");
  EXPECT_THAT(ModuleNames(modules), UnorderedElementsAre("veth", "tun"));
}

}  // namespace
}  // namespace netchange
