// SPDX-License-Identifier: Apache-2.0
// The running kernel's types, and the part of them that an object needs.
#include "kernel/kernel_btf.h"

#include <bpf/btf.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace netchange {
namespace {

struct Free {
  void operator()(btf* types) const { btf__free(types); }
};
using Types = std::unique_ptr<btf, Free>;

class KernelBtfTest : public testing::Test {
 protected:
  void SetUp() override {
    auto kernel = KernelBtf::Read();
    ASSERT_TRUE(kernel) << kernel.error().message;
    kernel_ = std::move(*kernel);
  }
  // The types for an object that has these structures, without members.
  [[nodiscard]] Types ReducedTo(const std::vector<std::string>& structures) const {
    const Types local(btf__new_empty());
    for (const std::string& name : structures) btf__add_struct(local.get(), name.c_str(), 0);
    const Fd file(memfd_create("btf", MFD_CLOEXEC));
    const Status written = kernel_->WriteReduced(local.get(), file);
    EXPECT_TRUE(written) << written.error().message;
    return Types(btf__parse(("/proc/self/fd/" + std::to_string(file.get())).c_str(), nullptr));
  }
  static std::string NameOf(const btf* types, std::uint32_t id) {
    return btf__name_by_offset(types, btf__type_by_id(types, id)->name_off);
  }
  // Expects the same type, and the same types in it, by value.
  static void ExpectSame(const btf* all, std::uint32_t id, const btf* some, std::uint32_t reduced) {
    const btf_type* expected = btf__type_by_id(all, id);
    const btf_type* type = btf__type_by_id(some, reduced);
    ASSERT_TRUE(expected && type);
    ASSERT_EQ(btf_kind(type), btf_kind(expected));
    ASSERT_EQ(btf_vlen(type), btf_vlen(expected));
    ASSERT_EQ(NameOf(some, reduced), NameOf(all, id));
    if (btf_is_mod(type) || btf_is_typedef(type))
      return ExpectSame(all, expected->type, some, type->type);
    if (btf_is_array(type)) {
      EXPECT_EQ(btf_array(type)->nelems, btf_array(expected)->nelems);
      return ExpectSame(all, btf_array(expected)->type, some, btf_array(type)->type);
    }
    if (btf_is_ptr(type)) return;
    EXPECT_EQ(type->size, expected->size);
    EXPECT_EQ(btf_kflag(type), btf_kflag(expected));
    if (btf_is_int(type)) {
      EXPECT_EQ(btf_int_encoding(type), btf_int_encoding(expected));
    }
    if (btf_is_enum(type)) {
      for (int i = 0; i < btf_vlen(type); ++i)
        EXPECT_EQ(btf_enum(type)[i].val, btf_enum(expected)[i].val);
    }
    if (!btf_is_composite(type)) return;
    for (int i = 0; i < btf_vlen(type); ++i) {
      const btf_member* member = btf_members(type) + i;
      const btf_member* expected_member = btf_members(expected) + i;
      ASSERT_STREQ(btf__name_by_offset(some, member->name_off),
                   btf__name_by_offset(all, expected_member->name_off));
      EXPECT_EQ(member->offset, expected_member->offset);
      if (expected_member->type) ExpectSame(all, expected_member->type, some, member->type);
    }
  }
  std::shared_ptr<const KernelBtf> kernel_;
};

TEST_F(KernelBtfTest, IsReducedToTheTypesOfAnObject) {
  const Types reduced = ReducedTo({"task_struct", "sk_buff___of_another_kernel", "no_such_type"});
  ASSERT_TRUE(reduced);
  for (const char* name : {"task_struct", "sk_buff"}) {
    const int id = btf__find_by_name_kind(kernel_->get(), name, BTF_KIND_STRUCT);
    const int there = btf__find_by_name_kind(reduced.get(), name, BTF_KIND_STRUCT);
    ASSERT_GT(id, 0);
    ASSERT_GT(there, 0);
    ExpectSame(kernel_->get(), id, reduced.get(), there);
  }
  // In both only by pointer.
  EXPECT_LT(btf__find_by_name_kind(reduced.get(), "net_device", BTF_KIND_STRUCT), 0);
  EXPECT_LT(btf__find_by_name_kind(reduced.get(), "no_such_type", BTF_KIND_STRUCT), 0);
  EXPECT_LT(10 * btf__type_cnt(reduced.get()), btf__type_cnt(kernel_->get()));
}

TEST_F(KernelBtfTest, SaysThatAFileCannotBeWritten) {
  const Types local(btf__new_empty());
  const Status written = kernel_->WriteReduced(local.get(), Fd());
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().message.find("write the kernel's types: "), 0U)
      << written.error().message;
}

TEST_F(KernelBtfTest, IsReadOnceWhileSomebodyHasIt) {
  const auto again = KernelBtf::Read();
  ASSERT_TRUE(again);
  EXPECT_EQ(again->get(), kernel_.get());
}

}  // namespace
}  // namespace netchange
