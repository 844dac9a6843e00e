// SPDX-License-Identifier: Apache-2.0
// Shared parts of the collectors' tables: labels of every key, metrics of every counter, names of
// closed sets.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>

#include "bpf/abi/counter.h"
#include "bpf_objects.h"
#include "collectors/collector.h"
#include "kernel/clock.h"
#include "kernel/irq_devices.h"
#include "kernel/netns_names.h"
#include "metrics/label_schema.h"
#include "util/text.h"

/// A compiled BPF object, embedded in this program.
#define ELF_OF(stem)                      \
  ::netchange::ObjectSource {             \
#stem, { stem##_elf, stem##_elf_end } \
  }

namespace netchange {

/// Name of one member of a closed set.
struct NumberName {
  std::uint32_t number;
  const char* name;
};

/// The name of `number`; "unknown" if the table does not have it.
const char* NameOf(std::span<const NumberName> names, std::uint32_t number);

/// Symbolic name of a positive errno: "EOPNOTSUPP"; `errno_<number>` if libc does not know it.
std::string ErrnoName(std::uint16_t error);

inline std::uint64_t CountOf(const counter& c) { return c.count; }
inline double NewestOf(const counter& c, const RenderContext& context) {
  return context.clock.UnixSeconds(c.last_ns);
}

/// The labels device and netns, as the key has them.
template <class Key>
void AppendDevice(const Key& k, const RenderContext&, LabelText& out) {
  out.AppendPrintable(k.device.name);
}
template <class Key>
void AppendNetns(const Key& k, const RenderContext& context, LabelText& out) {
  out.Append(context.netns.Name(k.device));
}

/// Labels device, netns, comm, parent_comm, unit, then `own`.
template <class Key, std::size_t count>
constexpr std::array<Label<Key>, count + 5> WithCommonLabels(const Label<Key> (&own)[count]) {
  std::array<Label<Key>, count + 5> all{{
      {"device", AppendDevice<Key>},
      {"netns", AppendNetns<Key>},
      {"comm", [](const Key& k, const RenderContext&,
                  LabelText& out) { out.AppendPrintable(k.actor.comm); }},
      {"parent_comm", [](const Key& k, const RenderContext&,
                         LabelText& out) { out.AppendPrintable(k.actor.parent_comm); }},
      {"unit", [](const Key& k, const RenderContext&,
                  LabelText& out) { out.AppendPrintable(k.actor.unit); }},
  }};
  for (std::size_t i = 0; i < count; ++i) all[i + 5] = own[i];
  return all;
}

/// The label errno, for metrics of errors.
template <class Key>
constexpr Label<Key> kErrno = {"errno", [](const Key& k, const RenderContext&, LabelText& out) {
                                 out.Append(ErrnoName(k.error));
                               }};

}  // namespace netchange
