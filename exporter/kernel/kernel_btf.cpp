// SPDX-License-Identifier: Apache-2.0
#include "kernel/kernel_btf.h"

#include <bpf/btf.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace netchange {
namespace {

using TypeId = std::uint32_t;

std::string_view NameOf(const btf* types, const btf_type* type) {
  return btf__name_by_offset(types, type->name_off);
}

// Without its flavor, a suffix that CO-RE ignores: "bpf_prog___old".
std::string_view EssentialName(std::string_view name) { return name.substr(0, name.find("___")); }

// Names of other kinds are no types. Copies of them would have ids of the kernel's BTF.
bool IsNamedType(const btf_type* type) {
  return type->name_off != 0 && !btf_is_func(type) && !btf_is_var(type) && !btf_is_datasec(type) &&
         !btf_is_decl_tag(type);
}

// The ids of other types in this type, by value. Pointers are compared as pointers only.
template <class Function>
void ForEachPart(btf_type* type, Function function) {
  if (btf_is_ptr(type)) {
    type->type = 0;
  } else if (btf_is_array(type)) {
    function(btf_array(type)->type);
    function(btf_array(type)->index_type);
  } else if (btf_is_composite(type)) {
    for (int i = 0; i < btf_vlen(type); ++i) function(btf_members(type)[i].type);
  } else if (btf_is_mod(type) || btf_is_typedef(type)) {
    function(type->type);
  } else if (btf_is_func_proto(type)) {
    for (int i = 0; i < btf_vlen(type); ++i) btf_params(type)[i].type = 0;
    type->type = 0;
  }
}

// Copies types of the kernel to a smaller BTF, in the order in which they are found.
class Copier {
 public:
  explicit Copier(const btf* from) : from_(from), to_(btf__new_empty()) {}
  Copier(const Copier&) = delete;
  Copier& operator=(const Copier&) = delete;
  ~Copier() { btf__free(to_); }

  // Where the type will be; copies it later.
  TypeId Want(TypeId id) {
    if (id == 0) return 0;
    const auto [at, is_new] = places_.try_emplace(id, static_cast<TypeId>(places_.size() + 1));
    if (is_new) wanted_.push_back(id);
    return at->second;
  }

  // Copies all that are wanted, and all that they contain. Null if there is no memory.
  const btf* Copy() {
    for (std::size_t i = 0; to_ && i < wanted_.size(); ++i) {  // grows
      const int id = btf__add_type(to_, from_, btf__type_by_id(from_, wanted_[i]));
      if (id < 0) return nullptr;
      auto* copy = const_cast<btf_type*>(btf__type_by_id(to_, id));
      ForEachPart(copy, [&](TypeId& part) { part = Want(part); });
    }
    return to_;
  }

 private:
  const btf* const from_;
  btf* const to_;
  std::unordered_map<TypeId, TypeId> places_;
  std::vector<TypeId> wanted_;
};

std::unordered_set<std::string_view> NamesIn(const btf* local) {
  std::unordered_set<std::string_view> names;
  for (TypeId id = 1; id < btf__type_cnt(local); ++id)
    names.insert(EssentialName(NameOf(local, btf__type_by_id(local, id))));
  names.erase("");
  return names;
}

}  // namespace

void KernelBtf::Free::operator()(btf* types) const { btf__free(types); }

Result<std::shared_ptr<const KernelBtf>> KernelBtf::Read() {
  static std::mutex mutex;
  static std::weak_ptr<const KernelBtf> read;
  const std::lock_guard lock(mutex);
  if (auto types = read.lock()) return types;
  btf* types = btf__load_vmlinux_btf();
  if (!types) {
    return SystemError("read the kernel's type information (BTF; needs CONFIG_DEBUG_INFO_BTF)",
                       errno);
  }
  std::shared_ptr<const KernelBtf> owner(new KernelBtf(types));
  read = owner;
  return owner;
}

Status KernelBtf::WriteReduced(const btf* local, const Fd& file) const {
  const auto names = NamesIn(local);
  Copier copier(get());
  for (TypeId id = 1; id < btf__type_cnt(get()); ++id) {
    const btf_type* type = btf__type_by_id(get(), id);
    if (IsNamedType(type) && names.contains(EssentialName(NameOf(get(), type)))) copier.Want(id);
  }
  const btf* reduced = copier.Copy();
  std::uint32_t size = 0;
  const void* data = reduced ? btf__raw_data(reduced, &size) : nullptr;
  if (!data) return SystemError("copy the kernel's types", ENOMEM);
  const ssize_t written = write(file.get(), data, size);
  if (written == static_cast<ssize_t>(size)) return {};
  return SystemError("write the kernel's types", written < 0 ? errno : ENOSPC);
}

}  // namespace netchange
